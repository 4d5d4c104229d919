"""Floor 3: acts. One process is one RMN node: index, judge, bless, vote, audit."""
