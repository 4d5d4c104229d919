"""A node that is down, overloaded, or lying: HttpRpc says so in the error family of `rpc.py` and shows no secret."""

import contextlib
import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccip_core.http_rpc import HttpRpc
from ccip_core.json_rpc import header_of
from ccip_core.rpc import RpcError, RpcMalformed, RpcRefused, RpcUnreachable

HASH, OTHER_HASH = "0x" + "11" * 32, "0x" + "22" * 32
ADDRESS = "0x" + "33" * 20
BLOCK = {"number": "0x5", "hash": HASH, "parentHash": OTHER_HASH, "timestamp": "0x64"}
LOG = {
    "address": ADDRESS,
    "topics": [HASH],
    "data": "0x01",
    "blockNumber": "0x5",
    "blockHash": HASH,
    "transactionHash": OTHER_HASH,
    "logIndex": "0x0",
    "removed": False,
}
RECEIPT = {
    "transactionHash": OTHER_HASH,
    "blockNumber": "0x5",
    "blockHash": HASH,
    "status": "0x1",
    "gasUsed": "0x5208",
    "contractAddress": None,
    "logs": [LOG],
}


def raw(text):
    return bytes.fromhex(text[2:])


def result(value):
    return json.dumps({"jsonrpc": "2.0", "id": 1, "result": value}).encode()


def without(mapping, key):
    return {name: value for name, value in mapping.items() if name != key}


def test_well_formed_answers_are_read(canned_node, canned_rpc):
    canned_node.body = result(BLOCK)
    assert canned_rpc.header(5) == (5, raw(HASH), raw(OTHER_HASH), 100)
    canned_node.body = result([LOG])
    (log,) = canned_rpc.logs(raw(HASH), [raw(ADDRESS)])
    assert log == (raw(ADDRESS), (raw(HASH),), b"\x01", 5, raw(HASH), raw(OTHER_HASH), 0)
    canned_node.body = result(RECEIPT)
    receipt = canned_rpc.receipt(raw(OTHER_HASH))
    assert (receipt.is_success, receipt.gas_used, receipt.logs) == (True, 21000, (log,))


def test_logs_come_in_chain_order_whatever_order_the_node_has_them_in(canned_node, canned_rpc):
    canned_node.body = result([LOG | {"logIndex": "0x2"}, LOG | {"logIndex": "0x1"}])
    assert [log.log_index for log in canned_rpc.logs(raw(HASH))] == [1, 2]


@pytest.mark.parametrize(
    "logs",
    [
        [LOG | {"blockHash": OTHER_HASH}],
        [LOG | {"removed": True}],
        [LOG | {"address": "0x" + "44" * 20}],
        [LOG, LOG],
        [LOG | {"topics": [HASH] * 5}],
        [LOG | {"topics": ["0x11"]}],
        [LOG | {"data": "0x0"}],
        [LOG | {"data": "0x0 1"}],
        [LOG | {"data": "01"}],
        [LOG | {"logIndex": "0x_1"}],
        [LOG | {"logIndex": "0x1_0"}],
        [LOG | {"logIndex": "0x1 "}],
        [LOG | {"logIndex": "0x"}],
        [LOG | {"logIndex": "-0x1"}],
        [LOG | {"blockNumber": None}],
        [LOG | {"blockNumber": "0x" + "f" * 65}],
        [without(LOG, "topics")],
        [LOG | {"address": ADDRESS + "00"}],
        {"logs": []},
        "0x",
        None,
    ],
    ids=lambda logs: json.dumps(logs)[-60:],
)
def test_a_log_that_can_not_be_what_was_asked_for_is_refused_whole(canned_node, canned_rpc, logs):
    canned_node.body = result(logs)
    with pytest.raises(RpcMalformed):
        canned_rpc.logs(raw(HASH), [raw(ADDRESS)])


def test_a_range_holds_its_logs_and_one_block_a_number(canned_node, canned_rpc):
    canned_node.body = result([LOG])
    assert len(canned_rpc.logs_in(5, 5)) == 1
    with pytest.raises(RpcMalformed, match=r"6\.\.9"):
        canned_rpc.logs_in(6, 9)
    canned_node.body = result([LOG, LOG | {"blockHash": OTHER_HASH, "logIndex": "0x1"}])
    with pytest.raises(RpcMalformed, match="one number"):
        canned_rpc.logs_in(5, 5)


def test_another_block_than_the_one_asked_for_is_refused(canned_node, canned_rpc):
    canned_node.body = result(BLOCK)
    for asked in (6, raw(OTHER_HASH)):
        with pytest.raises(RpcMalformed, match="asked for block"):
            canned_rpc.header(asked)


def test_another_receipt_than_the_one_asked_for_is_refused(canned_node, canned_rpc):
    canned_node.body = result(RECEIPT)
    with pytest.raises(RpcMalformed):
        canned_rpc.receipt(raw(HASH))
    canned_node.body = result(RECEIPT | {"blockHash": OTHER_HASH})
    with pytest.raises(RpcMalformed):
        canned_rpc.receipt(raw(OTHER_HASH))


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"[" * 100_000, b"\xff\xfe", b'{"id":1,"result":', b'{"id":1,"error":"no"}', b"17"],
)
def test_what_is_not_json_rpc_is_malformed(canned_node, canned_rpc, body):
    canned_node.body = body
    with pytest.raises(RpcMalformed):
        canned_rpc.chain_id()


@pytest.mark.parametrize("status", [0, 401, 404, 429, 500, 503])
def test_a_node_that_gives_no_answer_is_unreachable(canned_node, canned_rpc, status):
    canned_node.status = status
    with pytest.raises(RpcUnreachable, match=r"127\.0\.0\.1"):
        canned_rpc.chain_id()


def test_a_node_that_hangs_is_unreachable(canned_node):
    canned_node.status = -1
    with HttpRpc(canned_node.url, timeout_s=0.2) as rpc, pytest.raises(RpcUnreachable, match=r"within 0\.2 s"):
        rpc.chain_id()


@pytest.mark.parametrize("data", ["0x08c379a0", {"data": "0x08c379a0"}])
@pytest.mark.parametrize("status", [200, 400])
def test_a_refusal_carries_code_message_and_revert_data(canned_node, canned_rpc, data, status):
    canned_node.status = status
    canned_node.body = json.dumps(
        {"id": 1, "error": {"code": 3, "message": "execution reverted", "data": data}}
    ).encode()
    with pytest.raises(RpcRefused) as caught:
        canned_rpc.call(raw(ADDRESS), b"")
    assert (caught.value.code, caught.value.message) == (3, "execution reverted")
    assert caught.value.data == bytes.fromhex("08c379a0")


def test_a_refusal_can_not_flood_or_garble_a_log_file(canned_node, canned_rpc):
    canned_node.body = json.dumps({"id": 1, "error": {"code": 1, "message": "a\n\x1b[31m" + "b" * 10_000}}).encode()
    with pytest.raises(RpcRefused) as caught:
        canned_rpc.chain_id()
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


def test_secrets_of_the_url_show_in_no_error_and_no_repr(canned_node, canned_rpc):
    texts = [repr(canned_rpc), canned_rpc.endpoint]
    for status, body in [(500, b""), (401, b""), (200, b"nonsense"), (0, b"")]:
        canned_node.status, canned_node.body = status, body
        with pytest.raises(RpcError) as caught:
            canned_rpc.chain_id()
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
        texts.append(str(caught.value))
    canned_node.close()
    with pytest.raises(RpcUnreachable) as caught:
        canned_rpc.chain_id()
    texts.append(str(caught.value))
    assert all("127.0.0.1" in text for text in texts)
    assert not [text for text in texts if any(secret in text for secret in ("user", "secret", "pathkey", "abc"))]


@pytest.mark.parametrize("url", ["", "127.0.0.1:8545", "ftp://127.0.0.1", "http://", "ws://127.0.0.1"])
def test_a_url_that_is_none_is_a_value_error(url):
    with pytest.raises(ValueError, match="http://"):
        HttpRpc(url)


def test_a_batch_answers_in_the_order_asked(canned_node, canned_rpc):
    canned_node.body = b'[{"id":1,"result":"b"},{"id":0,"result":"a"}]'
    assert canned_rpc.batch([("x", ()), ("y", ())]) == ["a", "b"]
    assert [call["method"] for call in json.loads(canned_node.asked[-1])] == ["x", "y"]
    assert canned_rpc.batch([]) == []


@pytest.mark.parametrize("body", [b'[{"id":0,"result":1}]', b'[{"id":0,"result":1},{"id":0,"result":2}]', b"{}"])
def test_a_batch_with_other_answers_than_asked_for_is_malformed(canned_node, canned_rpc, body):
    canned_node.body = body
    with pytest.raises(RpcMalformed):
        canned_rpc.batch([("x", ()), ("y", ())])


def test_one_refusal_in_a_batch_is_a_refusal(canned_node, canned_rpc):
    canned_node.body = b'[{"id":0,"result":1},{"id":1,"error":{"code":-1,"message":"no"}}]'
    with pytest.raises(RpcRefused, match="no"):
        canned_rpc.batch([("x", ()), ("y", ())])


def test_a_closed_client_is_unreachable(canned_node):
    rpc = HttpRpc(canned_node.url)
    rpc.close()
    with pytest.raises(RpcUnreachable):
        rpc.chain_id()


def test_threads_share_one_client(chain):
    chain.mine()
    head = chain.rpc.header("latest")
    seen = []
    threads = [
        threading.Thread(target=lambda: seen.extend(chain.rpc.header(head.hash) for _ in range(20))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [head] * 160


ANYTHING = st.none() | st.booleans() | st.integers() | st.text() | st.text("0x1f_ -").map("0x{}".format)


@given(st.fixed_dictionaries(dict.fromkeys(BLOCK, ANYTHING)) | ANYTHING)
def test_no_json_makes_header_of_raise_anything_but_malformed(block):
    with contextlib.suppress(RpcMalformed):
        header_of(block)
