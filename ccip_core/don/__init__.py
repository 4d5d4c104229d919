"""The decentralised oracle network of the local CCIP: 3F + 1 oracles, each observing for itself, F of them faulty.

What one oracle knows and thinks (pure where it decides):

    chain_follower   the logs of a chain along whatever branch is the chain now
    offramp_state    what a destination's contracts answer: configurations, curses, prices
    observer         both together: final messages, committed roots, attempts
    commit           observation → commit report, and every reason not to sign somebody else's     (pure)
    execute          committed roots → execution reports: proofs, ordered nonces, batch limits     (pure)
    prices           what things cost, and when to say so                                          (pure)
    quorum           exactly F + 1 good signatures out of whatever was answered                    (pure)
    pacing           when the same thing may be tried again

What it does:

    destination      view of one destination and the way to send to it
    commit_plugin    lead a commit, or sign a leader's       asks `blessings` (RMN nodes) and `peers` (oracles)
    execute_plugin   lead an execution
    oracle           threads: a reader for each chain, a worker for each destination, a `door` for the peers
    don, process     all of them, in one process or each in its own

A round's number is the destination's head, and its leader is that number modulo the number of oracles: no clock is
involved, and a leader that is dead or lies costs one block (two, once for each interval, if it asks for signatures
and never sends).
"""
