"""A key in memory, in a token and in KMS are one to the chain: each sends a transaction and blesses a root on anvil."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from moto import mock_aws
from moto.kms.utils import ECDSAPrivateKey

from ccip_core.kms_signer import KmsKey, KmsSigner
from ccip_core.localnet.anvil import Anvil
from ccip_core.localnet.contract_set import chainlink_contracts
from ccip_core.localnet.keys import dev_key
from ccip_core.pkcs11_signer import Pkcs11Signer, TokenKey, make_token_key
from ccip_core.protocol.blessing import RmnReport, ecrecover, rmn_digest, sign_blessing
from ccip_core.protocol.codec import encode_call
from ccip_core.protocol.messages import ChainSelector, MerkleRoot
from ccip_core.rpc import RpcRefused
from ccip_core.signers import LocalSigner, Signer, SignerError
from ccip_core.wallet import Wallet
from rmn_service.cli.app import run
from rmn_service.config import load_config
from rmn_service.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

CHAIN_ID, SELECTOR = 31337, ChainSelector(7759470850252068959)
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
PIN = "987654"
LIBRARIES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
SET_CONFIG = "setConfig((bytes32,(address,uint64)[],uint64))"
VERIFY = "verify(address,(uint64,bytes,uint64,uint64,bytes32)[],(bytes32,bytes32)[])"


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SoftHSM with one token of its own, in a folder of this run."""
    library = next((Path(path) for path in LIBRARIES if Path(path).exists()), None)
    if library is None:
        pytest.fail("libsofthsm2.so: not installed; apt-get install softhsm2", pytrace=False)
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")  # read once, when the library is loaded
    label = ("--init-token", "--free", "--label", "rmn", "--so-pin", "12345678", "--pin", PIN)
    subprocess.run(("softhsm2-util", *label), check=True, capture_output=True)
    return library


@pytest.fixture(scope="module")
def token_signer(module: Path) -> Pkcs11Signer:
    return make_token_key(TokenKey(module, "rmn", "signer"), PIN)


class DigestKey(ECDSAPrivateKey):
    """moto signs SHA-256 of what it is given, also where that is a digest; the real KMS does not (moto PR 10202)."""

    def sign(self, message: bytes, signing_algorithm: str) -> bytes:
        assert signing_algorithm == "ECDSA_SHA_256"
        return bytes(self.private_key.sign(message, ec.ECDSA(utils.Prehashed(hashes.SHA256()))))


@pytest.fixture(scope="module")
def aws() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "eu-central-1",
        }.items():
            patch.setenv(name, value)
        patch.setattr(ECDSAPrivateKey, "sign", DigestKey.sign)
        with mock_aws():
            yield patch


def kms_key(spec: str) -> str:
    made = boto3.client("kms").create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")
    return str(made["KeyMetadata"]["KeyId"])


@pytest.fixture(scope="module")
def kms_signer(aws: pytest.MonkeyPatch) -> KmsSigner:
    del aws  # KMS must be there first
    return KmsSigner(KmsKey(kms_key("ECC_SECG_P256K1")))


@pytest.fixture(params=["keystore", pytest.param("pkcs11", marks=pytest.mark.debian), "kms"])
def signer(request: pytest.FixtureRequest) -> Signer:
    if request.param == "keystore":
        return LocalSigner(b"\x42" * 32)
    kept: Signer = request.getfixturevalue({"pkcs11": "token_signer", "kms": "kms_signer"}[request.param])
    return kept


@pytest.fixture(scope="module")
def anvil() -> Iterator[Anvil]:
    with Anvil.start(CHAIN_ID, block_time_s=0) as running:
        yield running


def fund(anvil: Anvil, address: bytes) -> None:
    anvil.rpc.request("anvil_setBalance", ("0x" + address.hex(), hex(10**20)))


def test_a_transaction_of_every_key_is_mined(signer: Signer, anvil: Anvil) -> None:
    fund(anvil, signer.address)
    wallet = Wallet(anvil.rpc, signer)
    for number in range(8):  # both parities, high and low s as the device has it
        receipt = wallet.transact(b"\x11" * 20, value_wei=1 + number)
        assert receipt.is_success
    assert anvil.rpc.nonce(signer.address) == 8


def test_a_blessing_of_every_key_verifies_on_the_chain(signer: Signer, anvil: Anvil) -> None:
    owner = dev_key("deployer")
    fund(anvil, owner.address)
    wallet = Wallet(anvil.rpc, owner)
    remote = wallet.deploy(chainlink_contracts().artifact("RMNRemote").creation(SELECTOR, bytes(20)))
    wallet.transact(remote, encode_call(SET_CONFIG, (b"\x01" * 32, ((signer.address, 0),), 0)))
    off_ramp = b"\x22" * 20
    for number in range(1, 9):
        root = MerkleRoot(ChainSelector(5), b"\x33" * 32, number, number, bytes([number]) * 32)
        report = RmnReport(CHAIN_ID, SELECTOR, remote, off_ramp, b"\x01" * 32, (root,))
        blessing = sign_blessing(signer, rmn_digest(report))
        call = encode_call(VERIFY, off_ramp, (tuple(root),), ((blessing.r, blessing.s),))
        assert anvil.rpc.call(remote, call) == b""
        forged = encode_call(VERIFY, off_ramp, (tuple(root._replace(max_seq_nr=99)),), ((blessing.r, blessing.s),))
        with pytest.raises(RpcRefused):
            anvil.rpc.call(remote, forged)


def test_every_signature_has_a_low_s(signer: Signer) -> None:
    signatures = [signer.sign_digest(bytes([n]) * 32) for n in range(32)]
    assert all(0 < signature.s <= ORDER // 2 for signature in signatures)
    assert {signature.v for signature in signatures} == {27, 28}


@pytest.mark.debian
def test_a_token_never_gives_its_key_away(token_signer: Pkcs11Signer) -> None:
    import pkcs11  # noqa: PLC0415

    assert not token_signer.is_extractable
    assert token_signer.is_made_there
    private = token_signer._private
    assert private[pkcs11.Attribute.NEVER_EXTRACTABLE]
    with pytest.raises(pkcs11.exceptions.AttributeSensitive):
        private[pkcs11.Attribute.VALUE]


@pytest.mark.debian
def test_a_node_opens_both_kinds_and_shows_no_secret(
    module: Path, token_signer: Pkcs11Signer, kms_signer: KmsSigner, tmp_path: Path
) -> None:
    (tmp_path / "pin").write_text(PIN + "\n")
    file = tmp_path / "node.toml"

    def write(key: str, pin_file: str = "pin", token: str = "rmn") -> None:
        file.write_text(
            f"""deployment = "d.json"
[signer]
kind = "pkcs11"
module = "{module}"
token = "{token}"
key = "{key}"
pin_file = "{pin_file}"
[curser]
kind = "kms"
key_id = "{kms_signer._where.key_id}"
region = "eu-central-1"
"""
        )

    def signer_of() -> Signer:
        config = load_config(file)
        assert config.signer is not None
        assert PIN not in config.signer.explained(tmp_path)
        return config.signer.open("signer", tmp_path)

    write("signer")
    assert signer_of().address == token_signer.address
    curser = load_config(file).curser
    assert curser is not None
    assert curser.open("curser", tmp_path).address == kms_signer.address
    for changed, said in (
        ({"key": "other"}, "signer.key = other"),
        ({"key": "signer", "token": "lost"}, "signer.token = lost"),
        ({"key": "signer", "pin_file": "none"}, "signer.pin_file"),
    ):
        write(**changed)
        with pytest.raises(ConfigError, match=said):
            signer_of()


@pytest.mark.debian
def test_the_verbs_make_and_show_a_token_key(
    module: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RMN_TEST_PIN", PIN)
    of_token = ("--kind", "pkcs11", "--module", str(module), "--token", "rmn", "--pin-env", "RMN_TEST_PIN", "--json")
    assert run(["keys", "create", "made-by-verb", *of_token]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["extractable"], made["made in the token"]) == (False, True)
    assert run(["keys", "show", "made-by-verb", *of_token]) == 0
    assert json.loads(capsys.readouterr().out) == made
    assert run(["keys", "create", "made-by-verb", *of_token]) == 2
    assert "never overwritten" in capsys.readouterr().err
    assert run(["keys", "create", "k", "--kind", "pkcs11"]) == 2
    assert "module = (none)" in capsys.readouterr().err
    assert run(["keys", "create", "k", "--kind", "pkcs11", "--module", "/none.so", "--token", "t", *of_token[6:]]) == 2
    assert "module = /none.so: can't be loaded" in capsys.readouterr().err


@pytest.mark.debian
def test_a_key_from_elsewhere_signs_from_the_token_and_stays_there(
    module: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RMN_TEST_PIN", PIN)
    monkeypatch.setenv("RMN_TEST_KEY", "42" * 32)
    of_token = ("--kind", "pkcs11", "--module", str(module), "--token", "rmn", "--pin-env", "RMN_TEST_PIN", "--json")
    assert run(["keys", "import", "from-elsewhere", "--key-env", "RMN_TEST_KEY", *of_token]) == 0
    said = json.loads(capsys.readouterr().out)
    known = LocalSigner(b"\x42" * 32)
    assert said["address"] == "0x" + known.address.hex()
    assert (said["extractable"], said["made in the token"]) == (False, False)
    kept = Pkcs11Signer(TokenKey(module, "rmn", "from-elsewhere"), PIN)
    signature = kept.sign_digest(b"\x07" * 32)
    raw = signature.r.to_bytes(32) + signature.s.to_bytes(32)
    assert ecrecover(b"\x07" * 32, signature.v, raw[:32], raw[32:]) == known.address
    assert run(["keys", "import", "from-elsewhere", "--key-env", "RMN_TEST_KEY", *of_token]) == 2


@pytest.mark.usefixtures("aws")
def test_a_key_of_another_curve_and_an_unknown_one_are_named() -> None:
    with pytest.raises(SignerError, match="not a secp256k1 key"):
        KmsSigner(KmsKey(kms_key("ECC_NIST_P256")))
    with pytest.raises(SignerError, match="NotFoundException"):
        KmsSigner(KmsKey("00000000-0000-0000-0000-000000000000"))


def test_a_keeper_that_signs_something_else_is_found_out(kms_signer: KmsSigner) -> None:
    """What unpatched moto does: it hashes the digest once more."""

    def hash_again(self: Any, message: bytes, _: str) -> bytes:
        return bytes(self.private_key.sign(message, ec.ECDSA(hashes.SHA256())))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ECDSAPrivateKey, "sign", hash_again)
        with pytest.raises(SignerError, match="something else than it was given"):
            kms_signer.sign_digest(b"\x01" * 32)
