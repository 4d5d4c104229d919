"""How long CCIP messages took, by lane: quartiles of the second half of 2024, in seconds.

Source: XChainDataGen's notebook outputs (bridge_lane_latency_cost_2024H2.csv), rows latency_s of ccip.
"""

from __future__ import annotations

LATENCY_S = {
    ("ethereum", "avalanche"): (915, 983, 1085),
    ("ethereum", "bnb"): (939, 1041, 1138),
    ("ethereum", "base"): (964, 1060, 1160),
    ("ethereum", "arbitrum"): (951, 1042, 1126),
    ("avalanche", "ethereum"): (104, 138, 168),
    ("avalanche", "bnb"): (56, 74, 89),
    ("avalanche", "base"): (61, 77, 93),
    ("avalanche", "arbitrum"): (56, 70, 82),
    ("bnb", "avalanche"): (66, 80, 97),
    ("bnb", "ethereum"): (129, 154, 185),
    ("bnb", "base"): (68, 86, 108),
    ("bnb", "arbitrum"): (58, 74, 89),
    ("arbitrum", "avalanche"): (1027, 1129, 1213),
    ("arbitrum", "ethereum"): (1090, 1183, 1296),
    ("arbitrum", "bnb"): (1020, 1112, 1219),
    ("arbitrum", "base"): (1029, 1131, 1232),
    ("base", "avalanche"): (1258, 1338, 1448),
    ("base", "ethereum"): (1334, 1444, 1526),
    ("base", "bnb"): (1274, 1354, 1456),
    ("base", "arbitrum"): (1264, 1378, 1488),
}
"""(source, dest) to the first, second and third quartile."""
