"""`rmn evidence fetch | verify`: what a signal rests on, and whether it follows."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from ccip_core.localnet.contract_set import default_cache_dir
from rmn_service.cli.failures import NotDoneError, WrongInputError
from rmn_service.cli.node_client import Json, Url, ask
from rmn_service.cli.printing import print_facts, print_json

evidence = typer.Typer(help="Evidence bundles: what a signal or a vote rests on, judged again without the node.")

_TIMEOUT_S = 10.0


@evidence.command("fetch")
def fetch(
    address: Annotated[str, typer.Argument(metavar="HASH", help="As /signals and the vote on the chain name it.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
    *,
    rpc: Annotated[
        list[str] | None,
        typer.Option(help="An endpoint of your own; whole headers of the blocks named are taken from it. Repeatable."),
    ] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Get a bundle from a node and write it to a file, with whole block headers where an endpoint serves them."""
    from rmn_service.evidence_proof import EvidenceError, block_hashes, envelope, prove  # noqa: PLC0415 - slow to load

    bundle = ask(url, f"/evidence/{address}")["bundle"]
    try:
        hashes = [] if "statement" in bundle else block_hashes(bundle)
        headers, receipts = _attachments(hashes, {block["hash"] for block in bundle.get("blocks", ())}, rpc or [])
        file = envelope(bundle, headers, receipts)
        proof = prove(file, address=address)
    except EvidenceError as error:
        raise NotDoneError(f"what the node sent proves nothing, so nothing was written: {error}") from None
    try:
        out.write_bytes(file)
    except OSError as error:
        raise WrongInputError(f"out = {out}: {error.strerror}; name a file you may write") from None
    facts = {"file": str(out), "hash": proof.address, "blocks": proof.blocks, "whole headers": proof.headers}
    facts |= {"raw logs": proof.logs, "proved by receipts": proof.proved_logs}
    (print_json if as_json else print_facts)(facts)


@evidence.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="As `rmn evidence fetch` wrote it.")],
    address: Annotated[
        str | None, typer.Option("--hash", help="The hash that it must have, as read from the vote on the chain.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Judge the bundle again, offline, and say what must still be believed."""
    # The frozen state of a statistic comes from a stranger: compiled code must check every place that it looks at.
    os.environ |= {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(default_cache_dir() / "bounds-checked")}
    from rmn_service.evidence_proof import EvidenceError, prove  # noqa: PLC0415 - slow to load

    try:
        content = file.read_bytes()
    except OSError as error:
        raise WrongInputError(f"file = {file}: {error.strerror}; name a file of `rmn evidence fetch`") from None
    try:
        proof = prove(content, address=address)
    except EvidenceError as error:
        raise NotDoneError(f"file = {file}: {error}") from None
    claim = proof.claim
    facts: dict[str, Any] = {
        "verdict": "follows" if "lanes" in claim else "stated",
        "hash": proof.address,
        "detector": claim["detector"],
        "severity": claim["severity"],
        "summary": claim["summary"],
        "judged by": "the same code and models" if proof.is_same_code else "another version; the verdict is the same",
        "blocks": f"{proof.blocks}, {proof.headers} whole headers check out",
        "raw logs": f"{proof.logs}, {proof.proved_logs} proved to be in their blocks by receipts",
        "to be believed": _beliefs(proof),
    }
    if as_json:
        print_json(facts)
    else:
        print_facts(facts | {"to be believed": "; ".join(facts["to be believed"])})


def _beliefs(proof: Any) -> list[str]:
    holds = "" if proof.proved_logs == proof.logs else " and hold these logs"
    beliefs = [f"these blocks are canonical{holds}: compare their hashes with an endpoint of your own"]
    if proof.stated_rows:
        beliefs.append(f"{proof.stated_rows} facts that stand in no log, stated by the node itself")
    if proof.absent:
        beliefs.append("the node's record was complete, so what it lacked was not there: " + ", ".join(proof.absent))
    if proof.carried:
        beliefs.append("summaries of earlier blocks: " + ", ".join(proof.carried))
    return beliefs


def _attachments(
    hashes: list[str], with_logs: set[str], urls: list[str]
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Whole headers of these blocks, and all receipts of those with logs, as far as endpoints have them."""
    from ccip_core.http_rpc import HttpRpc  # noqa: PLC0415 - slow to load
    from ccip_core.protocol.block_header import BlockHeaderError, encode_header  # noqa: PLC0415
    from ccip_core.protocol.receipts import check_receipts, encode_receipt  # noqa: PLC0415
    from ccip_core.rpc import RpcError  # noqa: PLC0415

    headers: dict[str, str] = {}
    receipts: dict[str, list[str]] = {}
    for place, url in enumerate(urls):
        if not url.startswith(("http://", "https://")):
            raise WrongInputError(f"rpc number {place + 1} = (not shown): must start with http:// or https://")
        with HttpRpc(url, _TIMEOUT_S) as rpc:
            for block_hash in [one for one in hashes if one not in headers]:
                try:
                    block = rpc.request("eth_getBlockByHash", (block_hash, False))
                    if block is None:
                        continue
                    header = encode_header(block, bytes.fromhex(block_hash[2:]))
                    headers[block_hash] = "0x" + header.hex()
                    if block_hash in with_logs:
                        answer = rpc.request("eth_getBlockReceipts", (block_hash,))
                        encoded = [encode_receipt(receipt) for receipt in answer or ()]
                        check_receipts(encoded, header)
                        receipts[block_hash] = ["0x" + receipt.hex() for receipt in encoded]
                except (RpcError, BlockHeaderError) as error:
                    typer.echo(f"rmn: rpc number {place + 1}: block {block_hash}: {error}", err=True)
    return headers, receipts
