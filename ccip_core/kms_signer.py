"""A key in AWS KMS: an asymmetric key of spec ECC_SECG_P256K1 and usage SIGN_VERIFY, signing digests as they are.

Credentials and region come from the machine, as for every AWS client, and never stand in node.toml. Every signature is
one call over the network, so a vote takes that much longer. Whoever may call `kms:Sign` holds the key in effect.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from coincurve.ecdsa import der_to_cdata, serialize_compact

from ccip_core.kept_keys import address_of, complete, public_key_of
from ccip_core.signers import Signature, SignerError

_TIMEOUT_S = 5


class KmsKey(NamedTuple):
    """Which key."""

    key_id: str
    """Id, ARN or alias."""
    region: str | None = None
    """None: the machine's own."""


class KmsSigner:
    """A `Signer` whose key AWS holds."""

    def __init__(self, where: KmsKey) -> None:
        """Ask KMS for the public half.

        Raises:
            SignerError: no such key, no right to it, or of another curve.
        """
        self._where = where
        self._client = _client(where)
        answer = self._call("get_public_key")
        self._public = public_key_of(answer["PublicKey"], f"key_id = {where.key_id}")

    def __repr__(self) -> str:
        return f"KmsSigner(0x{self.address.hex()})"

    @property
    def address(self) -> bytes:
        """The 20 bytes that the chain knows this key by."""
        return address_of(self._public)

    def sign_digest(self, digest: bytes) -> Signature:
        """Sign exactly these 32 bytes.

        Raises:
            SignerError: KMS does not sign.
        """
        answer = self._call("sign", Message=digest, MessageType="DIGEST", SigningAlgorithm="ECDSA_SHA_256")
        try:
            compact = serialize_compact(der_to_cdata(answer["Signature"]))
        except ValueError:
            raise SignerError(f"key_id = {self._where.key_id}: KMS answered with no signature") from None
        return complete(self._public, digest, int.from_bytes(compact[:32]), int.from_bytes(compact[32:]))

    def _call(self, what: str, **parameters: Any) -> Any:
        from botocore.exceptions import (  # type: ignore[import-untyped]  # noqa: PLC0415  an optional extra
            BotoCoreError,
            ClientError,
        )

        try:
            return getattr(self._client, what)(KeyId=self._where.key_id, **parameters)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "refused")
            raise SignerError(f"key_id = {self._where.key_id}: KMS says {code}; check the key and our rights") from None
        except BotoCoreError as error:
            raise SignerError(
                f"key_id = {self._where.key_id}: {type(error).__name__}; check region and network"
            ) from None


def _client(where: KmsKey) -> Any:
    try:
        import boto3  # type: ignore[import-untyped]  # noqa: PLC0415
        from botocore.config import Config  # type: ignore[import-untyped]  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415
    except ImportError:
        raise SignerError("kind = kms: boto3 is not installed; install ccip-rmn[kms]") from None
    patience = Config(connect_timeout=_TIMEOUT_S, read_timeout=_TIMEOUT_S, retries={"max_attempts": 2})
    try:
        return boto3.client("kms", region_name=where.region, config=patience)
    except BotoCoreError as error:
        raise SignerError(f"region = {where.region}: {error}; name the key's region") from None
