"""Two contracts that answer each other."""
