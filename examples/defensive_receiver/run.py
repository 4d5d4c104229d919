"""Send numbers with tokens; the receiver takes even ones, keeps odd ones back, and mends itself."""

from pathlib import Path

import typer

from ccip_core.client import find_token
from examples.desk import Desk

app = typer.Typer(help=__doc__)
LAST = Path("defensive_receiver.last")


@app.command()
def deploy() -> None:
    """The application on two chains, with LINK, and some BNM to send."""
    with Desk("defensive_receiver") as desk:
        desk.deploy("DefensiveReceiver")
        token = find_token(desk.near, "BNM").address
        desk.act(desk.near, token, "transfer(address,uint256)", desk.app(desk.near), 10 * 10**18)
        typer.echo(f"applications on {desk.near.name} and {desk.far.name}")


@app.command()
def send(number: int) -> None:
    """Send a number and 1 BNM. CCIP delivers it whatever the application thinks of it."""
    with Desk("defensive_receiver") as desk:
        token = find_token(desk.near, "BNM").address
        signature = "send(uint64,uint256,address,uint256)"
        sent = desk.act(desk.near, desk.app(desk.near), signature, desk.far.selector, number, token, 10**18)
        message_id, end = desk.arrival(sent)
        LAST.write_text(message_id.hex())
        is_kept = desk.see(desk.far, desk.app(desk.far), "isFailed(bytes32)", message_id, returns="bool")
        typer.echo(f"{number}: {end}, {'kept back' if is_kept else 'taken'}")


@app.command()
def mend(give_back: bool = False) -> None:
    """Let the receiver take odd numbers and try the last message again, or give its tokens back."""
    with Desk("defensive_receiver") as desk:
        target, message_id = desk.app(desk.far), bytes.fromhex(LAST.read_text())
        if give_back:
            desk.act(desk.far, target, "giveBack(bytes32,address)", message_id, desk.me)
        else:
            desk.act(desk.far, target, "setTakesOdd(bool)", True)
            desk.act(desk.far, target, "retry(bytes32)", message_id)
        held = desk.see(desk.far, find_token(desk.far, "BNM").address, "balanceOf(address)", target, returns="uint256")
        total = desk.see(desk.far, target, "sum()", returns="uint256")
        typer.echo(f"sum {total}, holds {held // 10**18} BNM")


if __name__ == "__main__":
    app()
