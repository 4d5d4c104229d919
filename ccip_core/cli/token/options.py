"""The options that token verbs share, and what they mean."""

import os
from collections.abc import Callable
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from ccip_core.amounts import AmountError, parse_amount
from ccip_core.cli.session import AsJson, DeploymentPath, Session, open_session
from ccip_core.client import find_token
from ccip_core.deployment import Chain, Deployment, Token
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol.messages import RateLimiterConfig
from ccip_core.refusal import BadRequest
from ccip_core.signers import KeystoreError, Signer, open_keystore
from ccip_core.tokens.facts import UNLIMITED

Symbol = Annotated[str, typer.Argument(metavar="SYMBOL", show_default=False)]
OnChain = Annotated[str, typer.Option("--chain", help="name, chain id or selector")]
Remote = Annotated[str, typer.Option("--remote", help="the chain at the other end")]
Capacity = Annotated[str | None, typer.Option("--capacity", help="bucket in whole tokens")]
Rate = Annotated[str | None, typer.Option("--rate", help="refill in whole tokens per second")]
Creator = Annotated[
    str | None, typer.Option("--from", help="0x… who creates it; default: the keystore's account, or a dev key")
]
OnlyPlan = Annotated[bool, typer.Option("--plan", help="print what would be sent, with its calldata, and stop")]
SafeFolder = Annotated[
    Path | None,
    typer.Option("--safe", metavar="FOLDER", help="write the plan as Safe batches into this folder, and stop"),
]
Keystore = Annotated[Path | None, typer.Option("--keystore", help="an encrypted key to send with, beside the dev keys")]
PasswordEnv = Annotated[
    str, typer.Option("--password-env", help="environment variable that holds the keystore's password")
]
PASSWORD_ENV = "CCIP_KEYSTORE_PASSWORD"  # noqa: S105 - a variable's name


class Place(NamedTuple):
    """A token on a chain."""

    session: Session
    chain: Chain
    token: Token

    @property
    def deployment(self) -> Deployment:
        """The network that it is part of."""
        return self.session.deployment


class Sending(NamedTuple):
    """How a plan is to be carried out, or that it isn't: the options of every verb that sends."""

    only_plan: OnlyPlan = False
    safe: SafeFolder = None
    keystore: Keystore = None
    password_env: PasswordEnv = PASSWORD_ENV
    deployment: DeploymentPath = None
    as_json: AsJson = False


def sends(verb: Callable[..., None]) -> Callable[..., None]:
    """Give a verb the options of `Sending`, which it takes together as `sending`."""

    @wraps(verb)
    def command(**given: Any) -> None:
        sending = Sending(**{name: given.pop(name) for name in Sending._fields})
        verb(**given, sending=sending)

    own = [parameter for name, parameter in signature(verb).parameters.items() if name != "sending"]
    shared = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=Sending._field_defaults[name], annotation=option)
        for name, option in Sending.__annotations__.items()
    ]
    command.__signature__ = Signature([*own, *shared])  # type: ignore[attr-defined]  # where typer looks
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in [*own, *shared]}
    return command


def find_place(path: DeploymentPath, chain: str, symbol: str) -> Place:
    """Raises DeploymentError, BadRequest: no such deployment, chain or token."""
    session = open_session(path)
    place = session.deployment.find_chain(chain)
    return Place(session, place, find_token(place, symbol))


class Keys:
    """The dev keys of the local network, and a keystore's where one was given."""

    def __init__(self, network: Deployment, keystore: Path | None = None, password_env: str = PASSWORD_ENV) -> None:
        deployers = [dev_key("deployer", position) for position in range(len(network.chains))]
        keys: list[Signer] = [*deployers, dev_key("user"), dev_key("council"), dev_key("receiver")]
        self.own: Signer | None = None
        """The keystore's."""
        if keystore is not None:
            self.own = _unlocked(keystore, password_env)
            keys.append(self.own)
        self._by_address = {key.address: key for key in keys}

    def find(self, address: bytes) -> Signer | None:
        """The key of an account, or None."""
        return self._by_address.get(address)


def _unlocked(path: Path, password_env: str) -> Signer:
    password = os.environ.get(password_env)
    if password is None:
        raise BadRequest(f"password-env = {password_env}: not set; export the keystore's password in it")
    try:
        return open_keystore(path, password)
    except KeystoreError as error:
        raise BadRequest(str(error).replace("signer.path", "keystore")) from None


def creator_of(network: Deployment, chain: Chain, keys: Keys, named: bytes | None = None) -> bytes:
    """Who creates contracts: the account that was named, the keystore's, else the chain's own deployer."""
    if named is not None:
        return named
    return keys.own.address if keys.own is not None else dev_key("deployer", network.chains.index(chain)).address


def read_amount(field: str, text: str, decimals: int) -> int:
    """Whole tokens. Raises BadRequest."""
    try:
        return parse_amount(text, decimals)
    except AmountError as error:
        raise BadRequest(f"{field} = {text}: {error}") from None


def read_bucket(capacity: str | None, rate: str | None, decimals: int) -> RateLimiterConfig:
    """A limit in whole tokens; neither given: no limit. Raises BadRequest."""
    if capacity is None and rate is None:
        return UNLIMITED
    if capacity is None or rate is None:
        raise BadRequest("capacity and rate: a limit needs both; give --capacity and --rate, or neither")
    most, per_s = read_amount("capacity", capacity, decimals), read_amount("rate", rate, decimals)
    if per_s > most:
        raise BadRequest(f"rate = {rate}: above the capacity of {capacity}; lower it")
    return RateLimiterConfig(is_enabled=True, capacity=most, rate=per_s)
