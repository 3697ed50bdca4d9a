"""Documents into an index: load, parse, find who is responsible, store."""
