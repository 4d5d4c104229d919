"""What an attacker who knows everything gets away with; run it by `python -m detectors.backtest.adversary`.

A search for the largest value that leaves one chain within a day without an alert, and without a curse. The attacker
forges the source's view, so that every exact rule is content and the statistics alone are measured. He knows the code,
the settings and all that the statistics have seen; he chooses how to split, when, over which lanes, of which tokens, to
how many receivers, with which honest messages of his own beside it and for how many days before. His own money, which
honest messages need, is limited; his patience is four weeks.

The background is quiet traffic of `detectors.quiet_traffic`: folded once, its state copied for every attempt. The
search is random restarts with local search; it begins with the naive even splits, which are reported beside it. What it
finds is a lower bound of what can be taken.
"""
