"""`[policy]` of node.toml: how far this node goes by itself. Every key has a default.

The operator may lower any cell of the table, never raise one: that a mild fact or a mild statistic never curses is not
for sale (INV-CURSE-5, INV-CURSE-7).
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from detectors.detector import Severity
from rmn_service.brakes import Limits, Scope
from rmn_service.policy import DEFAULT, POSTURES, Reach, Table

_Word = Literal["watch", "withhold", "curse"]
_SeverityWord = Literal["info", "warning", "critical"]
_Score = Annotated[float, Field(ge=0, le=1)]
_HOUR_S, _DAY_S = 3_600, 86_400


class PolicyConfig(BaseModel):
    """What evidence calls for here, and what holds the node back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: dict[str, tuple[_Word, _Word, _Word]] = Field(default_factory=dict)
    """Rows of the table to replace, by "exact_critical" … "statistic_info": reach at observe, withhold, curse."""
    caps: dict[str, dict[_SeverityWord, _Word]] = Field(default_factory=dict)
    """By incident family (a rule's name, "integrity" or "unusual"): the furthest reach for each severity."""
    alert_from: _SeverityWord = "warning"
    """People are told from this severity on. Cursing needs a critical signal, whatever stands here."""
    withhold_score_min: _Score = 0.0
    curse_score_min: _Score = 0.0
    """For statistics, on top of their budgets; never below the one to withhold."""
    global_curse: Literal["never", "proven"] = "never"
    cooldown_s: int = Field(default=0, ge=0)
    curses_a_day: int | None = Field(default=None, ge=0)
    limits_cover: Scope = "statistics"
    """Whether cooldown and day's budget hold back only what rests on statistics, or everything."""
    reaffirm_after_s: int = Field(default=_DAY_S, ge=_HOUR_S)
    """A curse that nobody spoke for in so long is escalated, with its uncurse prepared. It is never lifted by that."""
    proposal_expires_s: int = Field(default=_DAY_S, ge=60)

    @field_validator("table")
    @classmethod
    def _only_lowers(cls, rows: dict[str, tuple[str, str, str]]) -> dict[str, tuple[str, str, str]]:
        known = {f"{kind}_{severity.word}": row for (kind, severity), row in DEFAULT.rows.items()}
        for name, words in rows.items():
            if name not in known:
                raise ValueError(f"table.{name}: unknown row; known are {', '.join(known)}")
            reaches = [Reach[word.upper()] for word in words]
            if reaches != sorted(reaches):
                raise ValueError(f"table.{name}: a higher posture must not reach less far ({', '.join(POSTURES)})")
            if any(reach > most for reach, most in zip(reaches, known[name], strict=True)):
                most_words = ", ".join(most.word for most in known[name])
                raise ValueError(f"table.{name}: may be lowered, not raised: at most {most_words}")
        return rows

    @field_validator("caps")
    @classmethod
    def _only_cap_lower(cls, caps: dict[str, dict[_SeverityWord, _Word]]) -> dict[str, dict[_SeverityWord, _Word]]:
        for (family, severity), most in DEFAULT.caps.items():
            word = caps.get(family, {}).get(severity.word)  # type: ignore[call-overload]  # one of the three
            if word is not None and Reach[word.upper()] > most:
                raise ValueError(f"caps.{family}.{severity.word} = {word}: at most {most.word}")
        return caps

    @model_validator(mode="after")
    def _alert_below_curse(self) -> Self:
        if self.withhold_score_min > self.curse_score_min:
            raise ValueError(
                f"withhold_score_min = {self.withhold_score_min} is above curse_score_min = {self.curse_score_min}: "
                "what curses must withhold too"
            )
        return self

    def effective_table(self) -> Table:
        """The table with what this section lowers."""
        rows, caps = dict(DEFAULT.rows), dict(DEFAULT.caps)
        for kind, severity in DEFAULT.rows:
            words = self.table.get(f"{kind}_{severity.word}")
            if words is not None:
                observe, withhold, curse = (Reach[word.upper()] for word in words)
                rows[kind, severity] = (observe, withhold, curse)
        for family, lowered in self.caps.items():
            for severity_word, reach_word in lowered.items():
                caps[family, Severity[severity_word.upper()]] = Reach[reach_word.upper()]
        return Table(rows, caps, self.withhold_score_min, self.curse_score_min, self.global_curse == "proven")

    def limits(self) -> Limits:
        """What holds automatic curses back."""
        return Limits(self.cooldown_s, self.curses_a_day, self.limits_cover)
