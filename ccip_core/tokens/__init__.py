"""The life of a cross-chain token, as plans: what has to be sent, by whom, from what stands on the chains now.

    facts          what the chains say of a token and its pool; `fresh` of one that is about to be created
    plans          Step and Plan: unsigned transactions with a summary each; as JSON, calldata, Safe batches
    creation       token and pool, by the factory or one's own key
    registration   propose, accept, hand over the administrator; set, change, remove the pool
    connections    pool and pool know each other
    limits         what may pass per lane and direction; what each pool version takes
    liquidity      what a lock/release pool holds
    roles          who owns, mints, burns, rebalances
    upgrades       a new pool without losing a message on its way
    setup          all of it for a new token on many chains
    runner         carry a plan out

A plan is a difference between what is wanted and what is: carried out and asked again, it is empty; interrupted and
asked again, it is the rest. Planning only reads.
"""
