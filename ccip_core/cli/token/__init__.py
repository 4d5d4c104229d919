"""`ccip token …`: the life of a cross-chain token, one verb a file.

Every verb first computes a plan from what stands on the chains and prints it; `--plan` stops there. Interrupted, the
same command does the rest; done, it does nothing.
"""

import typer

from ccip_core.cli.token.accept_admin import accept_admin
from ccip_core.cli.token.connect import connect
from ccip_core.cli.token.deploy import deploy
from ccip_core.cli.token.deploy_pool import deploy_pool
from ccip_core.cli.token.disconnect import disconnect
from ccip_core.cli.token.import_token import import_token
from ccip_core.cli.token.limits import limits
from ccip_core.cli.token.liquidity import liquidity
from ccip_core.cli.token.register import register
from ccip_core.cli.token.retire_pool import retire_pool
from ccip_core.cli.token.roles import roles
from ccip_core.cli.token.set_pool import set_pool
from ccip_core.cli.token.setup import setup
from ccip_core.cli.token.show import show
from ccip_core.cli.token.transfer_admin import transfer_admin
from ccip_core.cli.token.upgrade_pool import upgrade_pool

token = typer.Typer(name="token", help="The life of a cross-chain token.", no_args_is_help=False)
token.command("setup")(setup)
token.command("deploy")(deploy)
token.command("import")(import_token)
token.command("register")(register)
token.command("accept-admin")(accept_admin)
token.command("transfer-admin")(transfer_admin)
token.command("set-pool")(set_pool)
token.command("connect")(connect)
token.command("disconnect")(disconnect)
token.command("limits")(limits)
token.command("liquidity")(liquidity)
token.command("roles")(roles)
token.command("deploy-pool")(deploy_pool)
token.command("upgrade-pool")(upgrade_pool)
token.command("retire-pool")(retire_pool)
token.command("show")(show)
