"""The localnet's keys are anvil's, the same everywhere, and no two roles share one."""

from itertools import product
from typing import get_args

import pytest
from eth_account.hdaccount import key_from_seed, seed_from_mnemonic

from ccip_core.localnet.keys import MNEMONIC, Role, dev_key, dev_private_key


def test_the_user_is_anvils_first_account():
    assert dev_key("user").address.hex() == "f39fd6e51aad88f6f4ce6ab8827279cfffb92266"


@pytest.mark.parametrize("role", get_args(Role))
@pytest.mark.parametrize("index", [0, 1, 7])
def test_keys_are_where_every_bip44_wallet_finds_them(role, index):
    path = f"m/44'/60'/{get_args(Role).index(role)}'/0/{index}"
    assert dev_private_key(role, index) == key_from_seed(seed_from_mnemonic(MNEMONIC, ""), path)


def test_no_two_roles_share_a_key():
    keys = [dev_key(role, index).address for role, index in product(get_args(Role), range(20))]
    assert len(set(keys)) == len(keys)


def test_a_key_is_derived_once():
    assert dev_key("council") is dev_key("council")


def test_keys_are_counted_from_zero():
    with pytest.raises(ValueError, match="index = -1"):
        dev_key("user", -1)
