"""One page a file: load, compute, show."""
