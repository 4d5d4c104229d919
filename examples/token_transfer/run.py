"""Send tokens that are saved for somebody at the other end, who then withdraws them."""

import typer

from ccip_core.amounts import amount_text, parse_amount
from ccip_core.client import find_token
from ccip_core.localnet.keys import dev_key
from examples.desk import Desk

app = typer.Typer(help=__doc__)
BENEFICIARY = "receiver"


@app.command()
def deploy() -> None:
    """The application on two chains, with LINK for the messages."""
    with Desk("token_transfer") as desk:
        desk.deploy("SavingsTransfer")
        typer.echo(f"savings on {desk.near.name} and {desk.far.name}")


@app.command()
def save(amount: str, symbol: str = "BNM") -> None:
    """Approve the application, and let it send the tokens with the instruction."""
    with Desk("token_transfer") as desk:
        token, source = find_token(desk.near, symbol), desk.app(desk.near)
        units = parse_amount(amount, token.decimals)
        desk.act(desk.near, token.address, "approve(address,uint256)", source, units)
        signature = "saveFor(uint64,address,address,uint256)"
        person = dev_key(BENEFICIARY).address
        sent = desk.act(desk.near, source, signature, desk.far.selector, person, token.address, units)
        typer.echo(f"{amount} {symbol}: {desk.arrival(sent)[1]}")


@app.command()
def withdraw(symbol: str = "BNM") -> None:
    """The beneficiary takes what was saved."""
    with Desk("token_transfer") as desk:
        token, person = find_token(desk.far, symbol), dev_key(BENEFICIARY).address
        target = desk.app(desk.far)
        saved = desk.see(desk.far, target, "savings(address,address)", person, token.address, returns="uint256")
        desk.act(desk.far, target, "withdraw(address)", token.address, role=BENEFICIARY)
        typer.echo(f"withdrew {amount_text(saved, token.decimals)} {symbol} on {desk.far.name}")


if __name__ == "__main__":
    app()
