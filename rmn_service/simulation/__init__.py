"""Deterministic simulation: real nodes on scripted chains, a scripted network and a seeded clock.

    corridor   what happens on the chains: messages, commits, executions, forks, an attack
    node       one honest node: the real service, three endpoints a chain that may be silent, behind or lying, crashes
    liar       a node that votes for anything, blesses anything, or says nothing
    oracles    the commit DON: asks nodes for blessings over a network that loses, delays and reorders
    run        one seed from start to verdict; `python -m rmn_service.simulation --seed N`

Nothing here decides anything for a node: it is built as `rmn run` builds it. What must hold is in docs/invariants.md
(INV-SIM-…), and is checked in `verdict`.
"""
