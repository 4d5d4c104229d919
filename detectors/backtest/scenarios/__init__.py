"""Generated histories: quiet traffic with all that causes false alarms, and attacks of every known shape.

`bridge` draws the facts, `quiet` the honest messages, `shapes/` one attack shape a file, `write` makes a history of
them in the columns of the data README. Truth stands in the label columns alone, which no detector may read. The same
seed gives the same file. `catalogue` names the scenarios, `suite` judges them all and says how the detectors did.
"""
