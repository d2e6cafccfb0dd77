"""What has happened: the definition, stages, edits, events, the history in memory and the .tuner file."""
