"""A backtest's result as one HTML file for people: what was found, when, what it would have saved, what it cost."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from detectors.backtest import charts
from detectors.backtest.metrics import attack_of
from detectors.backtest.moments import iso
from detectors.backtest.page import figure, number, page, table, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detectors.backtest.rates import Rates
    from detectors.backtest.report import Judged
    from detectors.backtest.sweep import Cell
    from detectors.backtest.walk_forward import Fold

_SIGNALS_MAX = 500
_AT_REACTION_S = "60"
_TOLD = frozenset(
    {"history", "rows", "events_per_s", "config_hash", "code_version", "attacks", "detectors", "signals"}
    | {"false_signals", "false_curses", "undecided", "sweep", "walk_forward", "comparison"}
)
"""Parts of a result that have a section of their own; any other is shown as it stands."""
_OF_ATTACK = frozenset(
    {"name", "first_malicious", "last_malicious", "rows", "rows_signalled_by_rules", "loss_usd", "ceiling_share"}
    | {"first_signal", "first_curse", "averted_share_by_reaction_s", "counterfactual"}
)


def render_html(
    result: Mapping[str, Any], judged: Judged, rates: Rates, cells: Sequence[Cell] = (), folds: Sequence[Fold] = ()
) -> str:
    """The file's text; it asks no host for anything.

    Args:
        result: what `run_backtest` gives.
        judged: what it was made from.
        rates: of the same replay.
        cells: of a sweep, to be shown as a heat map.
        folds: of a walk forward.
    """
    false_ids = {signal.id for signal in judged.signals if attack_of(signal, judged.attacks) is None}
    releases = {outcome.event_id for outcome in judged.outcomes if outcome.is_release}
    attacked = {outcome.event_id for outcome in judged.outcomes if outcome.is_attack}
    quarters = result["budget"]["false_alarms"]["quarters"]
    drawn = {
        "averted": charts.averted(result["attacks"]),
        "delays": charts.delays(result["detectors"]),
        "quarters": charts.false_by_quarter(quarters),
        "curves": charts.precision_recall(rates, releases, attacked),
        "timeline": charts.timeline(rates, [(attack.name, attack.first_s) for attack in judged.attacks]),
        "sweep": charts.heat_map(cells),
    }
    there = {name: spec for name, spec in drawn.items() if spec is not None}

    def chart(name: str, caption: str) -> str:
        return figure(name, caption) if name in there else ""

    title = f"Backtest of {result['history']}"
    parts = [
        f"<h1>{text(title)}</h1>",
        f'<div class="summary">{"".join(f"<p>{text(sentence)}</p>" for sentence in in_words(result))}</div>',
        "<noscript><p>The charts need scripts; the tables hold what they show.</p></noscript>" if there else "",
        *_attacks(result["attacks"]),
        chart("averted", "What a curse saves, by how long it takes from the decision. Dashed: all that comes later."),
        "<h2>False alarms</h2>",
        table(
            [
                "quarter",
                "days with traffic",
                "false signals of statistics",
                "promised on average",
                "within",
                "kept (95 %)",
                "chance",
            ],
            [[line[key] for key in _QUARTER_KEYS] for line in quarters],
        ),
        chart("quarters", "False signals of statistics by quarter; the mark is what the budget promises on average."),
        "<h2>Detectors</h2>",
        table(
            ["name", "kind", "signals", "true", "false", "false a day", "first after s", "PR-AUC"],
            [[_plain(line[key]) for key in _DETECTOR_KEYS] for line in result["detectors"]],
        ),
        chart("delays", "How long after an attack's first row each detector first told of one."),
        chart(
            "curves", "Precision and recall over releases, a line a statistic (area); its first rows have no opinion."
        ),
        chart("timeline", "The rarest that each statistic saw, by day; lines are the beginnings of attacks."),
        *_sweep(cells, chart("sweep", "Colour: false alerts a day. Words: share of attacks found.")),
        *_walk(folds),
        *_signals(result["signals"], false_ids),
        *_rest(result),
        "<h2>How it was made</h2>",
        table(
            ["what", "value"],
            [
                *([name, result[name]] for name in ("history", "rows", "events_per_s", "code_version", "config_hash")),
                *([name, value] for name, value in asdict(judged.settings).items()),
            ],
        ),
    ]
    return page(title, "\n".join(part for part in parts if part), there)


_QUARTER_KEYS = ("quarter", "days", "counted", "expected", "is_within", "is_kept", "chance")
_DETECTOR_KEYS = ("name", "kind", "signals", "true", "false", "false_per_day", "first_delay_s", "pr_auc")


def in_words(result: Mapping[str, Any]) -> list[str]:
    """What a reader wants to know first, in sentences."""
    attacks, false, curses = result["attacks"], result["false_signals"], result["false_curses"]
    found = [attack for attack in attacks if attack["first_signal"] is not None]
    if attacks:
        sentences = [f"{len(found)} of {_count(len(attacks), 'attack')} in this history {_was(len(found))} detected."]
    else:
        sentences = ["The history labels nothing as an attack, so every signal counts as false."]
    sentences += [_of_attack(attack) for attack in attacks]
    bound = false["upper_95_per_day"]
    sentences.append(
        f"It cost {_count(false['count'], 'false signal')} in "
        f"{_count(round(false['benign_days']), 'day')} with honest traffic"
        + ("" if bound is None else f" (with 95 % confidence below {number(bound)} a day)")
        + f" and {_count(curses['count'], 'false curse')}, which would have delayed honest value of "
        f"{number(curses['benign_value_delayed_usd'])} USD."
    )
    undecided = result["undecided"]["rows"]
    if undecided:
        sentences.append(f"{_count(undecided, 'row')} could not be decided: what they rest on is not in the history.")
    return sentences


def _of_attack(attack: Mapping[str, Any]) -> str:
    signal, curse, loss = attack["first_signal"], attack["first_curse"], attack["loss_usd"]
    said = f"{attack['name']} began {attack['first_malicious']} and took {number(loss)} USD: "
    if signal is None:
        return f"{said}nothing told of it."
    said += f"first told of by {signal['detector']} after {number(signal['delay_s'])} s"
    if curse is None:
        return f"{said}; nothing would have cursed."
    said += f", first reason to curse after {number(curse['delay_s'])} s"
    share = attack["averted_share_by_reaction_s"].get(_AT_REACTION_S)
    if share is None or attack["ceiling_share"] is None:
        return f"{said}."
    return (
        f"{said}; a curse {_AT_REACTION_S} s later saves {share:.1%}, {number(share * loss)} USD "
        f"(a curse in answer to it can save at most {attack['ceiling_share']:.1%})."
    )


def _attacks(attacks: Sequence[Mapping[str, Any]]) -> list[str]:
    if not attacks:
        return []
    reactions = list(attacks[0]["averted_share_by_reaction_s"])
    heads = [
        "attack",
        "began",
        "ended",
        "rows",
        "accused by rules",
        "loss USD",
        "first signal s",
        "by",
        "first curse s",
    ]
    heads += [*(f"saved at {reaction_s} s" for reaction_s in reactions), "ceiling"]
    lines = [
        [
            attack["name"],
            *(attack.get(key) for key in ("first_malicious", "last_malicious", "rows", "rows_signalled_by_rules")),
            attack["loss_usd"],
            *((None, None) if attack["first_signal"] is None else _moment(attack["first_signal"])),
            None if attack["first_curse"] is None else attack["first_curse"]["delay_s"],
            *(_share(attack["averted_share_by_reaction_s"][reaction_s]) for reaction_s in reactions),
            _share(attack["ceiling_share"]),
        ]
        for attack in attacks
    ]
    costs = [
        f"<h3>{text(attack['name'])}: what a curse saves and costs</h3>"
        + table(_COST_HEADS, [_cost(line) for line in attack["counterfactual"]["reactions"]])
        for attack in attacks
    ]
    more = [
        table([f"of {attack['name']}", "value"], _facts({key: attack[key] for key in attack if key not in _OF_ATTACK}))
        for attack in attacks
        if attack.keys() - _OF_ATTACK
    ]
    return ["<h2>Attacks</h2>", table(heads, lines), *costs, *more]


def _cost(line: Mapping[str, Any]) -> list[object]:
    cost = line["cost"] or {}  # where nothing curses nothing is delayed
    shares = (line["saved_share"], *(line[by]["saved_share"] for by in _WITH))
    return [
        *(line["reaction_s"], line["saved_usd"]),
        *(_share(share) for share in shares),
        *(cost.get(key) for key in _COST_KEYS),
    ]


_COST_HEADS = (
    *("curse after s", "saved USD", "saved", "with limiter", "with veto", "with both"),
    *("honest USD delayed", "hours on average", "honest messages delayed", "stranded", "lifted"),
)
_WITH = ("with_limiter", "with_veto", "with_limiter_and_veto")
_COST_KEYS = ("value_delayed_usd", "delay_h_mean", "messages_delayed", "messages_stranded", "lifted_at")


def _moment(first: Mapping[str, Any]) -> tuple[float, str]:
    return first["delay_s"], first["detector"]


def _sweep(cells: Sequence[Cell], chart: str) -> list[str]:
    if not cells:
        return []
    heads = ["statistics", "budget a day", "alerts", "false alerts", "false a day", "recall", "averted"]
    lines = [[*cell[:5], _share(cell.recall), _share(cell.averted_share)] for cell in cells]
    return ["<h2>Other budgets</h2>", chart, table(heads, lines)]


def _walk(folds: Sequence[Fold]) -> list[str]:
    if not folds:
        return []
    heads = [
        "from",
        "until",
        "limits x",
        "days before",
        "false before",
        "days",
        "false",
        "promised",
        "attacks",
        "found",
    ]
    lines = [[iso(fold.split_s), iso(fold.until_s), *fold[2:]] for fold in folds]
    return ["<h2>Limits fitted on the past, tried on what followed</h2>", table(heads, lines)]


def _signals(signals: Sequence[Mapping[str, Any]], false_ids: set[str]) -> list[str]:
    """False ones first: they are what a reader checks; then all others, as far as there is room."""
    shown = sorted(signals, key=lambda signal: signal["id"] not in false_ids)[:_SIGNALS_MAX]
    left = len(signals) - len(shown)
    keys = ("at", "detector", "severity", "score", "subjects", "rows", "summary", "evidence")
    return [
        "<h2>Signals</h2>",
        table(
            ["", *keys],
            [
                ["false" if signal["id"] in false_ids else "true", *(_listed(signal.get(key)) for key in keys)]
                for signal in shown
            ],
        ),
        f"<p>{left:,} more are in the JSON.</p>" if left else "",
    ]


def _rest(result: Mapping[str, Any]) -> list[str]:
    """What else the result holds, as it stands."""
    parts = []
    for key in sorted(result.keys() - _TOLD):
        value = result[key]
        lines = _facts(value) if isinstance(value, dict) else [[_spoken(key), _plain(value)]]
        parts.append(f"<h2>{text(_spoken(key))}</h2>{table(['what', 'value'], lines)}")
    return parts


def _facts(value: Mapping[str, Any]) -> list[list[object]]:
    return [[_spoken(name), _plain(part)] for name, part in value.items()]


def _spoken(key: str) -> str:
    return re.sub("_+", " ", key)


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | dict | list | None) else str(value)


def _listed(value: object) -> object:
    """A short list reads best as words."""
    if isinstance(value, list) and len(value) <= 3:
        return ", ".join(str(item) for item in value)
    return value


def _share(value: float | None) -> str | None:
    return None if value is None else f"{value:.1%}"


def _count(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _was(count: int) -> str:
    return "was" if count == 1 else "were"
