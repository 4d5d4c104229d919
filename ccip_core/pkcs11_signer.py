"""A key in a hardware token, reached by PKCS#11: made there, never leaving it.

The digest is signed by CKM_ECDSA, which signs what it is given. A token is asked by one thread at a time. When the
session is lost (the token was pulled or restarted) the next signature opens another one.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from coincurve import PrivateKey

from ccip_core.kept_keys import address_of, complete, public_key_of
from ccip_core.signers import Signature, SignerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CURVE = "secp256k1"
_SIGNATURE_BYTES = 64
_OCTET_STRING = 0x04
"""How PKCS#11 wraps a point (DER)."""


class TokenKey(NamedTuple):
    """Where a key is kept."""

    module: Path
    """The vendor's PKCS#11 library (softhsm2: /usr/lib/softhsm/libsofthsm2.so)."""
    token: str
    """The token's label."""
    key: str
    """The key's label."""


class Pkcs11Signer:
    """A `Signer` whose key a token holds."""

    def __init__(self, where: TokenKey, pin: str) -> None:
        """Open a session and find the key.

        Raises:
            SignerError: no such library, token or key, or a wrong PIN; never says the PIN.
        """
        self._where = where
        self._pin = pin
        self._lock = threading.Lock()
        with _explained(where):
            session = _session(where, pin)
            self._private = _key(session, where, is_private=True)
            self._public = public_key_of(_point(session, where), f"signer.key = {where.key}")

    def __repr__(self) -> str:
        return f"Pkcs11Signer(0x{self.address.hex()})"

    @property
    def address(self) -> bytes:
        """The 20 bytes that the chain knows this key by."""
        return address_of(self._public)

    @property
    def is_extractable(self) -> bool:
        """Whether the token would give the key away."""
        import pkcs11  # noqa: PLC0415  an optional extra

        attribute = pkcs11.Attribute
        return bool(self._private[attribute.EXTRACTABLE] or not self._private[attribute.SENSITIVE])

    @property
    def is_made_there(self) -> bool:
        """Whether the key was made in the token and could never leave it; one that was imported has been elsewhere."""
        import pkcs11  # noqa: PLC0415

        attribute = pkcs11.Attribute
        return bool(self._private[attribute.LOCAL] and self._private[attribute.NEVER_EXTRACTABLE])

    def sign_digest(self, digest: bytes) -> Signature:
        """Sign exactly these 32 bytes.

        Raises:
            SignerError: the token does not sign.
        """
        with self._lock, _explained(self._where):
            try:
                raw = self._sign(digest)
            except _lost():
                self._private = _key(_session(self._where, self._pin), self._where, is_private=True)
                raw = self._sign(digest)
        r, s = int.from_bytes(raw[: _SIGNATURE_BYTES // 2]), int.from_bytes(raw[_SIGNATURE_BYTES // 2 :])
        return complete(self._public, digest, r, s)

    def _sign(self, digest: bytes) -> bytes:
        import pkcs11  # noqa: PLC0415

        return bytes(self._private.sign(digest, mechanism=pkcs11.Mechanism.ECDSA))


def make_token_key(where: TokenKey, pin: str) -> Pkcs11Signer:
    """Make a new key in the token that it can never give away.

    Raises:
        SignerError: the label is taken, or the token does not make such keys.
    """
    with _explained(where):
        import pkcs11  # noqa: PLC0415
        from pkcs11.util.ec import encode_named_curve_parameters  # noqa: PLC0415

        session = _session(where, pin, is_writing=True)
        try:
            _refuse_to_overwrite(session, where)
            parameters = session.create_domain_parameters(
                pkcs11.KeyType.EC,
                {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters(_CURVE)},
                local=True,
            )
            secret = {pkcs11.Attribute.SENSITIVE: True, pkcs11.Attribute.EXTRACTABLE: False}
            parameters.generate_keypair(store=True, label=where.key, id=where.key.encode(), private_template=secret)
        finally:
            session.close()
    return Pkcs11Signer(where, pin)


def import_token_key(where: TokenKey, pin: str, private_key: bytes) -> Pkcs11Signer:
    """Put a key that was made elsewhere into the token, which does not give it away again.

    Raises:
        SignerError: the label is taken, or the token does not take keys.
    """
    point = PrivateKey(private_key).public_key.format(compressed=False)
    with _explained(where):
        import pkcs11  # noqa: PLC0415
        from pkcs11.util.ec import encode_named_curve_parameters  # noqa: PLC0415

        attribute, kind = pkcs11.Attribute, pkcs11.ObjectClass
        common = {
            attribute.KEY_TYPE: pkcs11.KeyType.EC,
            attribute.TOKEN: True,
            attribute.LABEL: where.key,
            attribute.ID: where.key.encode(),
            attribute.EC_PARAMS: encode_named_curve_parameters(_CURVE),
        }
        secret = {attribute.SENSITIVE: True, attribute.EXTRACTABLE: False, attribute.PRIVATE: True}
        session = _session(where, pin, is_writing=True)
        try:
            _refuse_to_overwrite(session, where)
            session.create_object(
                {
                    **common,
                    **secret,
                    attribute.CLASS: kind.PRIVATE_KEY,
                    attribute.SIGN: True,
                    attribute.VALUE: private_key,
                }
            )
            octets = bytes((_OCTET_STRING, len(point))) + point
            session.create_object({**common, attribute.CLASS: kind.PUBLIC_KEY, attribute.EC_POINT: octets})
        finally:
            session.close()
    return Pkcs11Signer(where, pin)


def _refuse_to_overwrite(session: Any, where: TokenKey) -> None:
    import pkcs11  # noqa: PLC0415

    if list(session.get_objects({pkcs11.Attribute.LABEL: where.key})):
        raise SignerError(f"key = {where.key}: exists in token {where.token}; a key is never overwritten")


def _session(where: TokenKey, pin: str, *, is_writing: bool = False) -> Any:
    import pkcs11  # noqa: PLC0415

    token = _library(where.module).get_token(token_label=where.token)
    try:
        return token.open(rw=is_writing, user_pin=pin)
    except pkcs11.exceptions.UserAlreadyLoggedIn:  # another signer of this process, which knew the PIN
        return token.open(rw=is_writing)


def _library(module: Path) -> Any:
    import pkcs11  # noqa: PLC0415

    try:
        return pkcs11.lib(str(module))
    except (pkcs11.exceptions.PKCS11Error, OSError, RuntimeError):
        raise SignerError(
            f"module = {module}: can't be loaded; install the device's PKCS#11 library (softhsm2 for a test)"
        ) from None


def _key(session: Any, where: TokenKey, *, is_private: bool) -> Any:
    import pkcs11  # noqa: PLC0415

    kind = pkcs11.ObjectClass.PRIVATE_KEY if is_private else pkcs11.ObjectClass.PUBLIC_KEY
    return session.get_key(object_class=kind, key_type=pkcs11.KeyType.EC, label=where.key)


def _point(session: Any, where: TokenKey) -> bytes:
    import pkcs11  # noqa: PLC0415

    return bytes(_key(session, where, is_private=False)[pkcs11.Attribute.EC_POINT])


def _lost() -> tuple[type[Exception], ...]:
    from pkcs11 import exceptions  # noqa: PLC0415

    return exceptions.SessionClosed, exceptions.SessionHandleInvalid, exceptions.DeviceRemoved, exceptions.DeviceError


@contextmanager
def _explained(where: TokenKey) -> Iterator[None]:
    """Every way in which a token says no, as one line."""
    try:
        import pkcs11  # noqa: PLC0415
    except ImportError:
        raise SignerError("kind = pkcs11: python-pkcs11 is not installed; install ccip-rmn[hsm]") from None
    try:
        yield
    except pkcs11.exceptions.NoSuchToken:
        raise SignerError(f"token = {where.token}: no token of this label; see the device's own tool") from None
    except pkcs11.exceptions.NoSuchKey:
        raise SignerError(f"key = {where.key}: not in token {where.token}; make it with `rmn keys create`") from None
    except (pkcs11.exceptions.PinIncorrect, pkcs11.exceptions.PinLenRange, pkcs11.exceptions.PinInvalid):
        raise SignerError(f"pin = (not shown): token {where.token} refuses it; too many tries lock the token") from None
    except pkcs11.exceptions.PKCS11Error as error:
        reason = type(error).__name__
        raise SignerError(f"token = {where.token}: {reason}; check the device and its module {where.module}") from None
