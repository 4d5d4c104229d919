"""Deploy the two players, play, and look."""

import typer

from examples.desk import Desk

app = typer.Typer(help=__doc__)


@app.command()
def deploy() -> None:
    """A player on each of the first two chains, with LINK for the messages."""
    with Desk("ping_pong") as desk:
        desk.deploy("PingPong")
        typer.echo(f"players on {desk.near.name} and {desk.far.name}")


@app.command()
def play(rounds: int = 4) -> None:
    """Serve, and wait until the first ball has arrived; the players go on by themselves."""
    with Desk("ping_pong") as desk:
        serve = desk.act(desk.near, desk.app(desk.near), "play(uint64,uint256)", desk.far.selector, rounds)
        typer.echo(f"ball 1 reached {desk.far.name}: {desk.arrival(serve)[1]}")


@app.command()
def show(rounds: int = 4) -> None:
    """Wait for the last ball."""
    with Desk("ping_pong") as desk:
        last = desk.far if rounds % 2 else desk.near
        desk.until(lambda: desk.see(last, desk.app(last), "lastCount()", returns="uint256") == rounds)
        counts = [desk.see(end, desk.app(end), "lastCount()", returns="uint256") for end in (desk.near, desk.far)]
        typer.echo(f"last balls: {counts[0]} on {desk.near.name}, {counts[1]} on {desk.far.name}")


if __name__ == "__main__":
    app()
