"""The watcher that most teams would write: web3.py, poll the logs, decode, `transact()`. The rival of `curse_path`.

Run as `python -m benchmarks.rival_watcher URL TOKEN POOL VOTING SUBJECT POLL_S`, its key in RIVAL_KEY. It prints
"watching" when it is ready, then votes against SUBJECT each time that TOKEN is minted without POOL, until stopped.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib.resources import files
from itertools import count
from typing import Any

from web3 import HTTPProvider, Web3
from web3.middleware import SignAndSendRawMiddlewareBuilder

_TRANSFER: Any = {
    "type": "event",
    "name": "Transfer",
    "anonymous": False,
    "inputs": [
        {"name": "from", "type": "address", "indexed": True},
        {"name": "to", "type": "address", "indexed": True},
        {"name": "value", "type": "uint256", "indexed": False},
    ],
}
_NOBODY = "0x" + 40 * "0"


def watch(url: str, *, token_address: str, pool: str, voting_address: str, subject: str, poll_s: float) -> None:
    """Poll, decode, vote; for ever."""
    web3 = Web3(HTTPProvider(url))
    account = web3.eth.account.from_key(os.environ["RIVAL_KEY"])
    web3.middleware_onion.inject(SignAndSendRawMiddlewareBuilder.build(account), layer=0)
    abi = json.loads((files("ccip_core") / "artifacts/CurseVoting.json").read_text())["abi"]
    voting = web3.eth.contract(address=web3.to_checksum_address(voting_address), abi=abi)
    token = web3.eth.contract(address=web3.to_checksum_address(token_address), abi=[_TRANSFER])
    votes = count(1)
    seen = web3.eth.block_number
    print("watching", flush=True)  # noqa: T201 - for whoever started us
    while True:
        head = web3.eth.block_number
        if head > seen:
            logs = web3.eth.get_logs({"fromBlock": seen + 1, "toBlock": head, "address": token.address})
            seen = head
            transfers = [token.events.Transfer().process_log(log) for log in logs if len(log["topics"]) == 3]
            mints = [transfer for transfer in transfers if transfer["args"]["from"] == _NOBODY]
            if any(not _is_by_pool(web3, mint["transactionHash"], pool) for mint in mints):
                curse_id = next(votes).to_bytes(16)
                vote = voting.functions.voteToCurse(curse_id, [bytes.fromhex(subject)], bytes(32))
                vote.transact({"from": account.address})
                print(f"accepted {url} {int.from_bytes(curse_id)} {time.perf_counter_ns()}", flush=True)  # noqa: T201
        time.sleep(poll_s)


def _is_by_pool(web3: Web3, transaction: Any, pool: str) -> bool:
    """The question that the node's rule asks: did the token's pool speak in the minting transaction?"""
    receipt = web3.eth.get_transaction_receipt(transaction)
    return any(log["address"].lower() == pool for log in receipt["logs"])


if __name__ == "__main__":
    url, token, pool, voting, subject, poll_s = sys.argv[1:]
    watch(url, token_address=token, pool=pool, voting_address=voting, subject=subject, poll_s=float(poll_s))
