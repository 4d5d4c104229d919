"""The words of CCIP 1.6 as values: messages, events, hashes, trees and digests. Pure: no I/O, no clock.

Structs are named tuples in ABI order (so they go into any ABI encoder as they are); addresses are 20 raw bytes,
hashes 32, curse subjects 16; every integer is exact. Text ("0x…") exists only at the doors of the house.
"""
