"""Create a piece at home, let it travel, and see where it is."""

import typer

from examples.desk import Desk

app = typer.Typer(help=__doc__)
NOBODY = bytes(20)


@app.command()
def deploy() -> None:
    """The collection on two chains; the first is home."""
    with Desk("nft") as desk:
        desk.deploy("TravellingNFT", (True,), (False,))
        typer.echo(f"home on {desk.near.name}, guests on {desk.far.name}")


@app.command()
def create(uri: str = "ipfs://piece") -> None:
    """A new piece, for the user."""
    with Desk("nft") as desk:
        number = desk.see(desk.near, desk.app(desk.near), "nextId()", returns="uint256")
        desk.act(desk.near, desk.app(desk.near), "create(address,string)", desk.me, uri)
        typer.echo(f"piece {number} on {desk.near.name}")


@app.command()
def travel(number: int, back: bool = False) -> None:
    """Send a piece to the other chain, or home again."""
    with Desk("nft") as desk:
        start, end = (desk.far, desk.near) if back else (desk.near, desk.far)
        signature = "travel(uint64,address,uint256)"
        left = desk.act(start, desk.app(start), signature, end.selector, desk.me, number)
        arrival = desk.arrival(left)[1]
        is_there = desk.see(end, desk.app(end), "ownerOf(uint256)", number, returns="address") == desk.me
        is_here = desk.see(start, desk.app(start), "ownerOf(uint256)", number, returns="address") != NOBODY
        picture = desk.see(end, desk.app(end), "tokenURI(uint256)", number, returns="string")
        places = [name for name, found in ((start.name, is_here), (end.name, is_there)) if found]
        typer.echo(f"piece {number} ({picture}): {arrival}, now on {' and '.join(places)}")


if __name__ == "__main__":
    app()
