"""`[notifications]`: who is told what, and where the secrets of that are found. A URL that holds a token is one."""

from __future__ import annotations

import os
from pathlib import Path  # noqa: TC003  # pydantic reads annotations at run time
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from detectors.detector import Severity
from rmn_service.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

SeverityWord = Literal["info", "warning", "critical"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RouteConfig(_Part):
    """One place that alerts go to.

    `apprise`: any URL that Apprise knows (Slack, PagerDuty, Telegram, mail …). `webhook`: an http(s) URL of your own
    that is POSTed JSON, signed with a secret that both sides know.
    """

    name: Annotated[str, Field(pattern="^[a-z0-9-]{1,40}$")]
    kind: Literal["apprise", "webhook"] = "apprise"
    url_env: str | None = None
    url_file: Path | None = None
    secret_env: str | None = None
    secret_file: Path | None = None
    """webhook: what the signature is made with."""
    least: SeverityWord = "warning"
    """What is less grave does not go here."""

    @model_validator(mode="after")
    def _has_its_secrets(self) -> Self:
        if (self.url_env is None) == (self.url_file is None):
            raise ValueError("give the URL by exactly one of url_env and url_file; it never stands in this file")
        secrets = [self.secret_env, self.secret_file]
        if self.kind == "webhook" and secrets.count(None) != 1:
            raise ValueError("kind = webhook: give the secret by exactly one of secret_env and secret_file")
        if self.kind == "apprise" and secrets.count(None) != 2:
            raise ValueError("kind = apprise has no secret_env and secret_file; its secret is the URL")
        return self

    @property
    def least_severity(self) -> Severity:
        """As the judges order it."""
        return Severity[self.least.upper()]

    def url(self, folder: Path) -> str:
        """Where to, secret. Raises ConfigError when the variable or the file is not there."""
        return self._read("url", self.url_env, self.url_file, folder)

    def secret(self, folder: Path) -> bytes:
        """What a webhook is signed with. Raises ConfigError."""
        return self._read("secret", self.secret_env, self.secret_file, folder).encode()

    def _read(self, what: str, env: str | None, file: Path | None, folder: Path) -> str:
        field = f"notifications.routes.{self.name}.{what}"
        try:
            text = os.environ.get(env, "") if env is not None else (folder / (file or "")).read_text().strip()
        except (OSError, UnicodeDecodeError):
            raise ConfigError(f"{field}_file = {folder / (file or '')}: can't be read; check path and rights") from None
        if not text:
            raise ConfigError(f"{field}_env = {env}: not set; export it before `rmn run`" if env else f"{field}: empty")
        return text


class NotificationConfig(_Part):
    """Nobody is told anything without routes; alerts then stand in the log alone."""

    routes: tuple[RouteConfig, ...] = ()
    repeat_after_s: int = Field(default=3600, ge=1)
    """The same story is not told again on a route before this, unless it became graver; the digest counts it."""
    digest_s: int = Field(default=3600, ge=60)
    """How often what was held back (repeated or snoozed) is told in one message."""
    tries_max: int = Field(default=10, ge=1, le=50)
    """Then a message is a dead letter: kept, counted, and an alarm of its own."""

    @model_validator(mode="after")
    def _names_are_distinct(self) -> Self:
        twice = _twice([route.name for route in self.routes])
        if twice is not None:
            raise ValueError(f"routes: name {twice} is given twice; keep one")
        return self


def _twice(names: Sequence[str]) -> str | None:
    return next((name for name in names if names.count(name) > 1), None)
