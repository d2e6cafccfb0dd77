"""What may be tried: scales, parameters, regions, and the textbook's advice. Needs numpy only."""
