"""A plan as a value: what other programs, Safes and people get to see of it."""

from __future__ import annotations

import pytest

from ccip_core.deployment import Chain, Contracts
from ccip_core.refusal import BadRequest
from ccip_core.tokens import plans
from ccip_core.tokens.plans import Plan, Step, call_step, plan_json, safe_batches

SOMEBODY, ELSE, TARGET = b"\x01" * 20, b"\x02" * 20, b"\x03" * 20


@pytest.fixture
def chain():
    parts = dict.fromkeys(
        (name for name, field in Contracts.model_fields.items() if field.is_required()), "0x" + "44" * 20
    )
    contracts = Contracts.model_validate(parts)
    return Chain(chain_id=1337, selector=3379446385462418246, name="geth-testnet", http="http://x", contracts=contracts)


def step(chain, sender, amount):
    return call_step(chain, sender, TARGET, f"pay {amount}", "transfer(address,uint256)", ELSE, amount)


def test_a_plan_in_json_holds_what_it_takes_to_send_it(chain):
    (shown,) = plan_json(Plan("pay", (step(chain, SOMEBODY, 7),)))["steps"]
    assert shown == {
        "chain": "3379446385462418246",
        "chain_id": 1337,
        "chain_name": "geth-testnet",
        "from": "0x0101010101010101010101010101010101010101",
        "to": "0x0303030303030303030303030303030303030303",
        "value_wei": "0",
        "data": "0xa9059cbb" + "00" * 12 + "02" * 20 + f"{7:064x}",
        "call": "transfer(address,uint256)",
        "creates": None,
        "summary": "pay 7",
    }


def test_safe_batches_keep_the_order_and_split_where_the_sender_changes(chain):
    whole = Plan(
        "pay", (step(chain, SOMEBODY, 1), step(chain, SOMEBODY, 2), step(chain, ELSE, 3), step(chain, SOMEBODY, 4))
    )
    batches = safe_batches(whole, 1_700_000_000_000)
    assert [len(batch["transactions"]) for batch in batches.values()] == [2, 1, 1]
    assert [name.partition("-")[0] for name in batches] == ["01", "02", "03"]
    first = next(iter(batches.values()))
    assert (first["version"], first["chainId"], first["createdAt"]) == ("1.0", "1337", 1_700_000_000_000)
    assert first["transactions"][1]["data"].endswith(f"{2:064x}")


def test_the_checksum_is_the_one_that_safe_s_builder_computes():
    """A batch that the builder itself wrote, with its checksum (published in an analysis by Safe's tool makers)."""
    batch = {
        "version": "1.0",
        "chainId": "1",
        "createdAt": 1761326849944,
        "meta": {
            "name": "Transactions Batch",
            "description": "",
            "txBuilderVersion": "1.18.2",
            "createdFromSafeAddress": "0xA77DE01e157f9f57C7c4A326eeE9C4874D0598b6",
            "createdFromOwnerAddress": "",
        },
        "transactions": [
            {
                "to": "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
                "value": "0",
                "data": None,
                "contractMethod": {
                    "inputs": [
                        {"internalType": "address", "name": "spender", "type": "address"},
                        {"internalType": "uint256", "name": "value", "type": "uint256"},
                    ],
                    "name": "approve",
                    "payable": False,
                },
                "contractInputsValues": {
                    "spender": "0x474e5Ded6b5D078163BFB8F6dBa355C3aA5478C8",
                    "value": "100000000000",
                },
            }
        ],
    }
    assert plans.checksum(batch) == "0x8b5032f716845c8b08bab3d63dbd9ba92e056f3557793cd041e59b84e16aa989"
    renamed = batch | {"meta": batch["meta"] | {"name": "another name"}}
    assert plans.checksum(renamed) == plans.checksum(batch)
    assert plans.checksum(batch | {"chainId": "2"}) != plans.checksum(batch)


def test_a_safe_can_not_create_a_contract(chain):
    with pytest.raises(BadRequest, match="can't create a contract"):
        safe_batches(Plan("new", (Step(chain, SOMEBODY, b"", b"\x60", "create it", creates=TARGET),)), 0)


def test_plans_join_and_say_each_warning_once(chain):
    part = Plan("a", (step(chain, SOMEBODY, 1),), ("careful",))
    assert Plan.of("both", [part, part]) == Plan("both", (*part.steps, *part.steps), ("careful",))
