"""Applications on CCIP, each with the five commands that run it."""
