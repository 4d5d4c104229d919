"""One attack shape a file: `attack(random, target)` gives the messages of one attack on what `target` names.

The shapes are those of research/detection.md section 4. A forged release has no sent side, so an exact rule sees it at
once; statistics, which never look at the other side, have to see the rest. Nothing here knows a detector.
"""
