"""From an attack on real chains to a proof: the hash in the mined vote names a bundle whose logs check out."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from ccip_core.deployment import save_deployment
from ccip_core.localnet.attacks import run_attack
from ccip_core.localnet.localnet import Localnet
from ccip_core.protocol import events
from ccip_core.protocol.messages import Lane
from rmn_service.audit_chain import canonical_json
from rmn_service.bootstrap import build_node
from rmn_service.cli.app import run
from rmn_service.config import load_config
from rmn_service.demo.node_folder import lay_out_node
from rmn_service.evidence_proof import EvidenceError, prove

if TYPE_CHECKING:
    from pathlib import Path


def await_(condition: Any, what: str, timeout_s: float = 30.0) -> Any:
    deadline_s = time.monotonic() + timeout_s
    while time.monotonic() < deadline_s:
        if answer := condition():
            return answer
        time.sleep(0.05)
    pytest.fail(f"waited in vain for {what}")


def test_the_hash_in_a_mined_vote_leads_to_a_proof(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Localnet.up(2, block_time_s=0.25) as localnet:
        source, dest = localnet.deployment.chains
        save_deployment(localnet.deployment, tmp_path / "deployment.json")
        config = lay_out_node(tmp_path / "n", 0, tmp_path / "deployment.json", localnet.deployment.chains, [])
        node = build_node(load_config(config)).start()
        try:
            await_(lambda: httpx.get(f"{node.url}/health").status_code == 200, "a healthy node")
            run_attack(
                "unbacked-mint", localnet.deployment, Lane(source.selector, dest.selector), amount="5", token="BNM"
            )
            voting = dest.contracts.curse_voting
            assert voting is not None
            rpc = localnet.anvil(dest.selector).rpc

            def vote() -> bytes | None:
                head = rpc.header("latest")
                assert head is not None
                for log in rpc.logs_in(0, head.number, [voting]):
                    event = events.decode_log(log)
                    if isinstance(event, events.VotedToCurse):
                        return event.evidence_hash
                return None

            address = "0x" + await_(vote, "a mined vote").hex()
            file = tmp_path / "evidence.json"
            urls = [word for chain in (source, dest) for word in ("--rpc", chain.http)]
            assert run(["evidence", "fetch", address, "--out", str(file), "--url", node.url, *urls]) == 0
        finally:
            node.stop()
    # The chains and the node are gone; the file is enough.
    capsys.readouterr()
    assert run(["evidence", "verify", str(file), "--hash", address, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["verdict"] == "follows"
    proof = prove(file.read_bytes(), address=address)
    assert proof.proved_logs == proof.logs >= 1
    assert proof.headers >= proof.blocks >= 1
    assert said["to be believed"][0].startswith("these blocks are canonical: ")
    body = json.loads(file.read_bytes())
    for part in ("headers", "receipts"):
        for block_hash, value in body[part].items():
            text = value if part == "headers" else value[0]
            changed = text[:-1] + ("0" if text[-1] != "0" else "1")
            false = {**body, part: {**body[part], block_hash: changed if part == "headers" else [changed, *value[1:]]}}
            with pytest.raises(EvidenceError):
                prove(canonical_json(false).encode() + b"\n")
