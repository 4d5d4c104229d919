"""Keys sign what the chain can recover, and a keystore opens for its password alone."""

import json
import os
import subprocess
import sys

import pytest
from eth_keys.datatypes import PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ccip_core.signers import KeystoreError, LocalSigner, open_keystore, write_keystore

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
KEY = b"\x42" * 32


@given(st.binary(min_size=32, max_size=32))
def test_a_signature_recovers_to_its_signer_and_has_a_low_s(digest):
    signer = LocalSigner(KEY)
    signature = signer.sign_digest(digest)
    assert signature.v in {27, 28}
    assert 0 < signature.s <= CURVE_ORDER // 2
    theirs = PrivateKey(KEY).sign_msg_hash(digest)
    assert (signature.v - 27, signature.r, signature.s) == theirs.vrs
    assert signer.address == PrivateKey(KEY).public_key.to_canonical_address()


def test_a_signer_does_not_show_its_key():
    assert KEY.hex() not in repr(LocalSigner(KEY))


def test_a_keystore_opens_for_its_password_alone(tmp_path):
    path = tmp_path / "signer.json"
    write_keystore(path, KEY, "right", iterations=2)
    assert path.stat().st_mode & 0o777 == 0o600
    assert KEY.hex() not in path.read_text()
    assert open_keystore(path, "right").address == LocalSigner(KEY).address
    with pytest.raises(KeystoreError, match="wrong password") as caught:
        open_keystore(path, "wrong-word")
    assert "wrong-word" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_keystore_is_not_written_over(tmp_path):
    path = tmp_path / "signer.json"
    write_keystore(path, KEY, "right", iterations=2)
    with pytest.raises(FileExistsError):
        write_keystore(path, b"\x43" * 32, "right", iterations=2)
    assert open_keystore(path, "right").address == LocalSigner(KEY).address


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "17", "{}", '{"version": 3}', '{"version": 9}', '{"crypto": 1, "version": 3}', "\udcff"]
)
def test_a_file_that_is_no_keystore_says_so(tmp_path, content):
    path = tmp_path / "signer.json"
    path.write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(KeystoreError, match="not a keystore") as caught:
        open_keystore(path, "any")
    assert "\n" not in str(caught.value)


def test_opening_a_keystore_leaves_the_process_safe_from_deeply_nested_json(tmp_path):
    """In a process of its own: py_ecc raises the recursion limit so far that such JSON would crash it."""
    path = tmp_path / "signer.json"
    write_keystore(path, KEY, "right", iterations=2)
    nested = tmp_path / "nested.json"
    nested.write_text("[" * 100_000)
    script = (
        "import sys; from pathlib import Path; from ccip_core.signers import KeystoreError, open_keystore\n"
        "open_keystore(Path(sys.argv[1]), 'right')\n"
        "try: open_keystore(Path(sys.argv[2]), 'right')\n"
        "except KeystoreError as error: print(error)\n"
    )
    command = [sys.executable, "-c", script, str(path), str(nested)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (
        0,
        f"signer.path = {nested}: not a keystore; check the file and the password\n",
    )


def test_a_keystore_that_is_not_there_or_may_not_be_read_is_one_line(tmp_path):
    with pytest.raises(KeystoreError, match="no such file; create one with `rmn keys create`"):
        open_keystore(tmp_path / "nowhere.json", "any")
    with pytest.raises(KeystoreError, match="Is a directory; check the file"):
        open_keystore(tmp_path, "any")


def test_a_new_keystore_is_never_readable_by_others(tmp_path):
    before = os.umask(0)
    try:
        write_keystore(tmp_path / "signer.json", KEY, "right", iterations=2)
    finally:
        os.umask(before)
    assert (tmp_path / "signer.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["n", "r", "p", "dklen"])
def test_a_keystore_that_would_keep_us_busy_for_ever_is_refused_at_once(tmp_path, name):
    path = tmp_path / "signer.json"
    write_keystore(path, bytes([1] * 32), "secret", iterations=2)
    keystore = json.loads(path.read_text())
    keystore["crypto"]["kdfparams"][name] = 1 << 40
    path.write_text(json.dumps(keystore))
    with pytest.raises(KeystoreError, match=f"kdfparams.{name} is above"):
        open_keystore(path, "secret")
