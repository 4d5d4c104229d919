"""Floor 2: judges. Rows in, scores and signals out. No I/O, no clock, no chain: time and facts are passed in."""
