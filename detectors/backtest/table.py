"""A backtest's result in a few lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def render_table(result: Mapping[str, Any]) -> str:
    """The result of `run_backtest` as people read it."""
    wrong, undecided = result["false_signals"], result["undecided"]["rows"]
    bound = "" if wrong["upper_95_per_day"] is None else f" (95 %: below {wrong['upper_95_per_day']:.3f} a day)"
    lines = [f"{result['history']}: {result['rows']} rows, {result['events_per_s']:.0f} a second"]
    for attack in result["attacks"]:
        lines += _attack(attack)
    lines += [
        (
            f"false signals {wrong['count']} in {wrong['benign_days']:.0f} days with traffic{bound}, "
            f"false curses {result['false_curses']['count']}, false withholds {result['false_withholds']['count']}; "
            f"{undecided} rows could not be decided"
        ),
        *_budget(result["budget"]),
        f"{'detector':<27}{'kind':<11}{'signals':>8}{'true':>7}{'false':>7}{'a day':>9}{'delay s':>9}",
        *map(_detector, result["detectors"]),
    ]
    return "\n".join(lines)


def _attack(attack: Mapping[str, Any]) -> Iterator[str]:
    yield f"attack {attack['name']} from {attack['first_malicious']}, loss {attack['loss_usd']:,.0f} USD"
    first = attack["first_signal"]
    if first is None:
        yield "  never signalled"
        return
    yield (
        f"  first signal after {first['delay_s']:.0f} s by {first['detector']}; "
        f"{attack['rows_signalled_by_rules']} of {attack['rows']} rows signalled by exact rules"
    )
    if attack["ceiling_share"] is None:
        return
    reactions = attack["counterfactual"]["reactions"]
    if attack["first_curse"] is None:
        yield "  never cursed"
    else:
        shares = ", ".join(f"{line['saved_share']:.1%} at {line['reaction_s']} s" for line in reactions)
        yield f"  a curse would avert {shares} (ceiling {attack['ceiling_share']:.1%})"
        limited = ", ".join(
            f"{line['with_limiter']['saved_share']:.1%} at {line['reaction_s']} s" for line in reactions
        )
        yield f"  with a limiter {limited}"
        cost = reactions[0]["cost"]
        yield (
            f"  it would delay {cost['messages_delayed']} honest messages of {cost['value_delayed_usd']:,.0f} USD "
            f"by up to {cost['delay_h_max']:.0f} h and strand {cost['messages_stranded']}"
        )
    alone = attack["counterfactual"]["without_curse"]
    yield f"  without a curse: limiter {alone['limiter']['saved_share']:.1%}, veto {alone['veto']['saved_share']:.1%}"


def _budget(budget: Mapping[str, Any]) -> Iterator[str]:
    for name, unit in (("false_alarms", "day"), ("false_curses", "month")):
        line = budget[name]
        yield (
            f"budget of {name.replace('_', ' ')} by statistics: {line[f'promised_per_{unit}']:.4g} a {unit}, "
            f"{line['expected']:.2f} expected, {line['counted']} came, "
            f"{'within' if line['is_within'] else 'NOT within'}{_quarters(line['quarters'])}"
        )


def _quarters(quarters: Sequence[Mapping[str, Any]]) -> str:
    above = [quarter for quarter in quarters if not quarter["is_within"]]
    broken = [quarter["quarter"] for quarter in above if not quarter["is_kept"]]
    if not above:
        return ""
    where = f"beyond chance in {', '.join(broken)}" if broken else "nowhere beyond chance"
    return f"; above its share in {len(above)} of {len(quarters)} quarters, {where} (95 %)"


def _detector(line: Mapping[str, Any]) -> str:
    delay = "" if line["first_delay_s"] is None else f"{line['first_delay_s']:.0f}"
    per_day = "" if line["false_per_day"] is None else f"{line['false_per_day']:.4f}"
    counts = f"{line['signals']:>8}{line['true']:>7}{line['false']:>7}"
    return f"{line['name']:<27}{line['kind']:<11}{counts}{per_day:>9}{delay:>9}"
