"""The whole network on one machine: chains, oracles, RMN nodes, quiet traffic, a dashboard, and a status to watch."""
