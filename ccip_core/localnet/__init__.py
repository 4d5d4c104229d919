"""The local network: chains, contracts, tokens, traffic and attacks, with keys that everybody knows."""
