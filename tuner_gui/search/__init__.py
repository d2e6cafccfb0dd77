"""What to try next: strategies, refinements of the region, progress, and the loop that runs a search."""
