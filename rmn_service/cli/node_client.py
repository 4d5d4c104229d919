"""Asking a node over HTTP: where it is, who asks, and errors as one line."""

import json
import os
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from rmn_service.cli.failures import NotDoneError, WrongInputError

DEMO_FILE = Path(".demo/demo.json")
TOKEN_ENV = "RMN_OPERATOR_TOKEN"  # noqa: S105  # a variable's name, not a token
_TIMEOUT_S = 20.0

Url = Annotated[str | None, typer.Option(help="The node's API; default: the first node of the running demo.")]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Token = Annotated[
    str | None, typer.Option("--token-file", help=f"File with the operator's bearer token; else ${TOKEN_ENV} holds it.")
]


def ask(url: str | None, path: str) -> dict[str, Any]:
    """GET; the answer. The token of the environment goes along: some nodes are read by operators alone."""
    return _exchange("GET", url, path, None, os.environ.get(TOKEN_ENV) or None)


def tell(url: str | None, path: str, body: dict[str, Any] | None, token: str) -> dict[str, Any]:
    """POST as an operator; the answer."""
    return _exchange("POST", url, path, body, token)


def operator_token(token_file: str | None, operator: str | None) -> str:
    """The bearer token: of a file, of the environment, or of the demo's operator of this name."""
    if token_file is not None:
        try:
            return Path(token_file).read_text().strip()
        except (OSError, UnicodeDecodeError):
            raise WrongInputError(f"token-file = {token_file}: can't be read; name the file with your token") from None
    if operator is not None:
        for entry in _demo().get("operators", []):
            if entry.get("name") == operator:
                return str(entry["token"])
        raise WrongInputError(f"as = {operator}: no such operator in {DEMO_FILE}; see its `operators`")
    token = os.environ.get(TOKEN_ENV, "")
    if not token:
        raise WrongInputError(f"token = (none): give --token-file FILE or export {TOKEN_ENV}")
    return token


def _exchange(
    method: str, url: str | None, path: str, body: dict[str, Any] | None, token: str | None
) -> dict[str, Any]:
    base = (url or _demo_url()).rstrip("/")
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    try:
        response = httpx.request(method, base + path, json=body, headers=headers, timeout=_TIMEOUT_S)
        answer = response.json()
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        raise WrongInputError(f"url = {base}: not an http:// or https:// URL; mend it") from None
    except httpx.HTTPError as error:
        raise WrongInputError(f"url = {base}: no answer ({type(error).__name__}); is the node running there?") from None
    except UnicodeEncodeError:
        raise WrongInputError("token = (not shown): not ASCII; check the file or the variable") from None
    except ValueError:
        raise WrongInputError(f"url = {base}: answers, but not as an RMN node; check the URL") from None
    if not isinstance(answer, dict) or "as_of" not in answer:
        raise WrongInputError(f"url = {base}: answers, but not as an RMN node; check the URL")
    if response.status_code in {404, 422}:
        raise WrongInputError(str(answer.get("error", response.status_code)))
    if response.is_error and "error" in answer:
        raise NotDoneError(str(answer["error"]))
    return answer


def _demo() -> dict[str, Any]:
    try:
        demo = json.loads(DEMO_FILE.read_text())
    except (OSError, ValueError):
        raise WrongInputError(f"url = (none): no running demo ({DEMO_FILE}); give --url URL") from None
    return demo if isinstance(demo, dict) else {}


def _demo_url() -> str:
    nodes = _demo().get("nodes") or [{}]
    url = nodes[0].get("url")
    if not isinstance(url, str):
        raise WrongInputError(f"url = (none): {DEMO_FILE} names no node; give --url URL")
    return url
