"""Floor 1: speaks CCIP. The protocol's words and hashes, the seam to a chain, the local network and its oracles."""
