"""Issue shares to listed people and bridge them; who is not listed at the other end does not get them."""

import typer

from ccip_core.localnet.keys import dev_key
from examples.desk import Desk

app = typer.Typer(help=__doc__)
HOLDER = "receiver"


@app.command()
def deploy() -> None:
    """The asset on two chains; the user is its issuer and is listed at home, with 100 shares."""
    with Desk("asset_bridge") as desk:
        desk.deploy("AllowlistedAsset")
        asset = desk.app(desk.near)
        desk.act(desk.near, asset, "list(address,bool)", desk.me, True)
        desk.act(desk.near, asset, "issue(address,uint256)", desk.me, 100)
        typer.echo(f"100 shares on {desk.near.name}")


@app.command()
def bridge(amount: int) -> None:
    """Send shares to the holder on the other chain."""
    with Desk("asset_bridge") as desk:
        person, signature = dev_key(HOLDER).address, "bridge(uint64,address,uint256)"
        left = desk.act(desk.near, desk.app(desk.near), signature, desk.far.selector, person, amount)
        arrival = desk.arrival(left)[1]
        typer.echo(f"{arrival}: {_standing(desk, person)}")


@app.command("list")
def enlist() -> None:
    """List the holder on the other chain: what was held back is handed out."""
    with Desk("asset_bridge") as desk:
        person = dev_key(HOLDER).address
        desk.act(desk.far, desk.app(desk.far), "list(address,bool)", person, True)
        typer.echo(f"listed: {_standing(desk, person)}")


def _standing(desk: Desk, person: bytes) -> str:
    asset = desk.app(desk.far)
    has, waits = (
        desk.see(desk.far, asset, getter, person, returns="uint256")
        for getter in ("balanceOf(address)", "heldBack(address)")
    )
    supplies = [desk.see(end, desk.app(end), "totalSupply()", returns="uint256") for end in (desk.near, desk.far)]
    return f"holder has {has}, {waits} held back; supply {supplies[0]} + {supplies[1]}"


if __name__ == "__main__":
    app()
