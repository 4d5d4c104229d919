"""forge's compiler: the wasm solc behind a script."""

import json
import os
import subprocess
import threading

import pytest

from ccip_core import toolchain

SHIM = toolchain.CONTRACTS / "bin" / "solc"
PIPE_CAPACITY = 65_536


def solc(*arguments, **kwargs):
    return subprocess.run([str(toolchain.node_path()), SHIM, *arguments], check=False, **kwargs)


def test_tells_its_version_as_a_native_compiler_would():
    done = solc("--version", capture_output=True, text=True)

    assert done.returncode == 0
    assert "Version: 0.8.26+commit.8a97fa7a.Linux.g++\n" in done.stdout


def test_anything_else_is_refused():
    done = solc("--bin", "a.sol", capture_output=True, text=True)

    assert done.returncode == 2
    assert done.stdout.startswith("usage: solc")


@pytest.mark.timeout(60)
def test_input_and_output_are_whole_through_pipes_that_are_not_ready():
    """Pipes that answer EAGAIN, as a busy parent's do, lose nothing: both are smaller than what goes through them."""
    question = {
        "language": "Solidity",
        "sources": {"WETH9.sol": {"content": (toolchain.CONTRACTS / "src" / "tokens" / "WETH9.sol").read_text()}},
        "settings": {"outputSelection": {"*": {"*": ["*"], "": ["*"]}}},
    }
    text = json.dumps(question).encode() + b" " * 16 * PIPE_CAPACITY
    stdin, feed = os.pipe()
    drain, stdout = os.pipe()
    os.set_blocking(stdin, False)
    os.set_blocking(stdout, False)
    command = [str(toolchain.node_path()), SHIM, "--standard-json"]
    with subprocess.Popen(command, stdin=stdin, stdout=stdout) as process:
        os.close(stdin)
        os.close(stdout)

        def write():
            with os.fdopen(feed, "wb") as pipe:
                pipe.write(text)

        writer = threading.Thread(target=write)
        writer.start()
        with os.fdopen(drain, "rb") as pipe:
            answer = pipe.read()
        writer.join()

    assert process.returncode == 0
    assert len(answer) > PIPE_CAPACITY
    assert "WETH9" in json.loads(answer)["contracts"]["WETH9.sol"]
