"""`ccip lift`: the local network's council lifts curses, as it would after two people asked it to."""

from typing import Annotated

import typer

from ccip_core.chains import Chains
from ccip_core.cli.output import hex_text, print_facts, print_json
from ccip_core.cli.session import AsJson, DeploymentPath, open_session, parse_lane
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol.codec import encode_call
from ccip_core.protocol.subjects import chain_subject
from ccip_core.refusal import BadRequest
from ccip_core.views import ask
from ccip_core.wallet import Wallet


def lift(
    lane: Annotated[str, typer.Option("--lane", help="SOURCE:DEST; both ends are lifted")],
    deployment: DeploymentPath = None,
    as_json: AsJson = False,
) -> None:
    """Lift the curses on a lane with the council's dev key; a no-op where none stands."""
    session = open_session(deployment)
    network = session.deployment
    source, dest = parse_lane(network, lane)
    lifted = {}
    with Chains(network) as chains:
        for here, there in ((source, dest), (dest, source)):
            at, subject = network.chain(here).contracts, chain_subject(there)
            if at.curse_voting is None:
                raise BadRequest(f"deployment = {session.path}: no CurseVoting on {here}; its RMN's owner lifts there")
            rpc = chains.rpc(here)
            (cursed,) = ask(rpc, at.rmn_remote, "getCursedSubjects()", returns=("bytes16[]",))
            if subject in cursed:
                call = encode_call("liftCurse(bytes16[])", (subject,))
                lifted[str(here)] = hex_text(Wallet(rpc, dev_key("council")).transact(at.curse_voting, call).tx_hash)
    if as_json:
        print_json({"lifted": lifted})
        return
    print_facts("lifted" if lifted else "nothing was cursed", lifted)
