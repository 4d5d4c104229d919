"""Two chains behind the same seam: one scripted, one real. Each can be made to do the same things."""

from __future__ import annotations

import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ccip_core.http_rpc import HttpRpc
from ccip_core.ipc_rpc import IpcRpc
from ccip_core.localnet.anvil import Anvil
from ccip_core.localnet.contract_set import own_artifact
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol.codec import encode_call
from ccip_core.quorum_rpc import QuorumRpc
from ccip_core.scripted_endpoint import ScriptedEndpoint
from ccip_core.scripted_rpc import ScriptedRpc
from ccip_core.scripted_server import ScriptedServer
from ccip_core.transactions import Transaction, sign_transaction
from ccip_core.wallet import Wallet

CHAIN_ID = 31337
HANGS_UP, HANGING = 0, -1
DEPOSIT = encode_call("deposit()")
USER = dev_key("user")


@pytest.fixture
def sender():
    return USER.address


@pytest.fixture
def signed_transfer():
    def sign(nonce):
        return sign_transaction(Transaction(CHAIN_ID, nonce, 1, 10**12, 50_000, b"\x11" * 20, 5, b"\xca\x11"), USER).raw

    return sign


class ScriptedChain:
    emitter = b"\xee" * 20

    def __init__(self):
        self.rpc = ScriptedRpc(CHAIN_ID)

    def mine(self, logs=0):
        return self.rpc.mine([(self.emitter, ((bytes([n + 1]) * 32,), bytes([n]))) for n in range(logs)])

    def reorg(self, depth):
        self.rpc.fork(depth)
        for _ in range(depth):
            self.rpc.mine()

    def cut_off(self):
        self.rpc.cut_off()

    def close(self):
        pass


class AnvilChain:
    def __init__(self, **how):
        self.anvil = Anvil.start(CHAIN_ID, block_time_s=0, **how)
        self.rpc = self.anvil.rpc
        self.wallet = Wallet(self.rpc, dev_key("attacker"))
        self.rpc.request("anvil_setBalance", ("0x" + self.wallet.address.hex(), hex(10**20)))
        self.emitter = self.wallet.deploy(own_artifact("WETH9").bytecode)
        self.rpc.request("evm_setAutomine", (False,))

    def mine(self, logs=0):
        for _ in range(logs):
            self.wallet.send(self.emitter, DEPOSIT, value_wei=1, gas=100_000)
        self.anvil.mine()
        return self.rpc.header("latest")

    def reorg(self, depth):
        self.anvil.reorg(depth)
        self.wallet.refresh()

    def cut_off(self):
        self.anvil.stop()

    def close(self):
        self.anvil.stop()


class ScriptedQuorum(ScriptedChain):
    """Two of three endpoints of a scripted chain."""

    def __init__(self):
        super().__init__()
        self.chain = self.rpc
        self.rpc = QuorumRpc([ScriptedEndpoint(self.chain) for _ in range(3)], CHAIN_ID, 2)

    def mine(self, logs=0):
        return self.chain.mine([(self.emitter, ((bytes([n + 1]) * 32,), bytes([n]))) for n in range(logs)])

    def reorg(self, depth):
        self.chain.fork(depth)
        for _ in range(depth):
            self.chain.mine()

    def cut_off(self):
        self.chain.cut_off()

    def close(self):
        self.rpc.close()


class ServedChain(ScriptedQuorum):
    """A scripted chain behind a port."""

    def __init__(self):
        super().__init__()
        self.rpc.close()
        self.server = ScriptedServer(self.chain)
        self.rpc = HttpRpc(self.server.url)

    def close(self):
        self.rpc.close()
        self.server.close()


class AnvilQuorum(AnvilChain):
    """Two of two connections to a real node."""

    def __init__(self):
        super().__init__()
        self.connections = [HttpRpc(self.anvil.http) for _ in range(2)]
        self.direct = self.rpc
        self.rpc = QuorumRpc(self.connections, CHAIN_ID, 2)

    def mine(self, logs=0):
        for _ in range(logs):
            self.wallet.send(self.emitter, DEPOSIT, value_wei=1, gas=100_000)
        self.anvil.mine()
        return self.direct.header("latest")

    def close(self):
        self.rpc.close()
        for connection in self.connections:
            connection.close()
        super().close()


class AnvilIpc(AnvilChain):
    """A real node over its Unix socket."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        super().__init__(ipc=Path(self.folder.name) / "node.ipc")
        self.direct = self.rpc
        self.rpc = IpcRpc(f"ipc://{self.folder.name}/node.ipc")

    def close(self):
        self.rpc.close()
        super().close()
        self.folder.cleanup()


@pytest.fixture(
    params=[ScriptedChain, AnvilChain, AnvilIpc, ScriptedQuorum, AnvilQuorum, ServedChain],
    ids=["scripted", "anvil", "anvil-ipc", "scripted-quorum", "anvil-quorum", "served"],
)
def chain(request):
    made = request.param()
    yield made
    made.close()


class CannedNode:
    """An HTTP server that answers every request with what the test wants, and remembers what it was asked."""

    def __init__(self):
        self.status, self.body, self.asked = 200, b"", []
        self.patience = threading.Event()  # what a hanging request waits for
        node = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                node.asked.append(self.rfile.read(int(self.headers["content-length"])))
                if node.status == HANGING:
                    node.patience.wait(10)
                if node.status in {HANGING, HANGS_UP}:
                    return
                self.send_response(node.status)
                self.send_header("content-length", str(len(node.body)))
                self.end_headers()
                self.wfile.write(node.body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        self.url = f"http://user:secret@127.0.0.1:{self.server.server_port}/v3/pathkey?token=abc"

    def close(self):
        self.patience.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def canned_node():
    node = CannedNode()
    yield node
    node.close()


@pytest.fixture
def canned_rpc(canned_node):
    with HttpRpc(canned_node.url, timeout_s=2) as rpc:
        yield rpc
