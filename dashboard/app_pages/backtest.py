"""The backtest lab: any history through the production detectors, at budgets of your choice."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import candidates, findings, lab, session, words
from dashboard.controls import has_reason
from dashboard.parts import parts
from dashboard.replays import Run, runs, runs_folder, start
from detectors.backtest.page import charts_of
from detectors.registry import names_of_all


def ask() -> None:
    """Choose a history and budgets, and start."""
    folder = runs_folder()
    known = lab.histories(folder)
    named = st.selectbox(
        words.HISTORY_FILE,
        known,
        format_func=lambda path: Path(path).name,
        key="history",
        placeholder=words.ANY_FILE,
        accept_new_options=True,
    )
    uploaded = st.file_uploader(words.UPLOAD, type=["parquet", "csv"], key="upload")
    with st.form("run", border=True):
        st.markdown(f"**{words.DETECTORS_AND_BUDGETS}**")
        config = chosen("")
        posture = st.selectbox(words.POSTURE, list(words.POSTURES)[::-1], key="posture")
        is_compared = st.checkbox(words.COMPARE, key="compare")
        with st.expander(words.OTHER_CONFIG):
            other = chosen("other_")
        is_swept = st.checkbox(words.WITH_SWEEP, key="sweep")
        is_asked = st.form_submit_button(words.RUN)
    asked = replace(config, posture=posture).toml()
    st.download_button(words.SAVE_CONFIG, asked, file_name="candidate.toml", key="save_config")
    if not is_asked:
        return
    if uploaded is not None:
        history = lab.keep(folder, uploaded.name, uploaded.getvalue())
    elif Path(named or "").is_file():
        history = Path(named)
    else:
        st.error(words.NO_HISTORY)
        return
    compare = replace(other, posture=posture).toml() if is_compared else None
    start(folder, history, asked, compare=compare, is_swept=is_swept)


def chosen(prefix: str) -> lab.Config:
    """Which detectors may speak, false alarms a day and false curses a month."""
    names = names_of_all()
    heard = st.multiselect(words.DETECTORS, names, placeholder=words.ALL_DETECTORS, key=f"{prefix}detectors")
    alarms = st.number_input(
        words.FALSE_ALARMS, 0.0, 10.0, lab.FALSE_ALARMS_PER_DAY, format="%.4f", key=f"{prefix}alarms"
    )
    curses = st.number_input(
        words.FALSE_CURSES, 0.0, 10.0, lab.FALSE_CURSES_PER_MONTH, format="%.4f", key=f"{prefix}curses"
    )
    return lab.Config(alarms, curses, left_out=tuple(name for name in names if heard and name not in heard))


@st.fragment(run_every=1)
def under_way(folder: Path) -> None:
    """What runs now, with its progress; the whole page looks again when one ends."""
    running = [run for run in runs(folder) if run.state == "running"]
    for run in running:
        bar, stop = st.columns([5, 1])
        bar.progress(run.progress, text=f"{run.name}: {run.progress:.0%}")
        stop.button(words.CANCEL, key=f"cancel_{run.folder.name}", on_click=run.cancel)
    names = [run.folder.name for run in running]
    if st.session_state.get("running_before", names) != names:
        st.session_state["running_before"] = names
        st.rerun()
    st.session_state["running_before"] = names


def read_run(run: Run) -> None:
    """One run's findings: the few numbers first, then picture by picture, then the whole report."""
    if run.state in {"failed", "cancelled"}:
        st.error(run.said or run.state)
        return
    result, report = run.result, run.report
    for sentence in findings.sentences(result):
        st.markdown(sentence)
    charts = charts_of(report)
    saved, curves, false, delays, sweep, compared, whole = parts(
        words.COUNTERFACTUAL,
        words.PR_CURVE,
        words.FALSE_BY_DAY,
        words.DELAYS,
        words.SWEEP,
        words.COMPARED,
        words.REPORT,
    )
    with saved:
        curve = findings.saved_and_delayed(result)
        if len(curve):
            st.altair_chart(findings.counterfactual_chart(curve), width="stretch", key="counterfactual")
            dollars = st.column_config.NumberColumn("usd", format="localized")
            told = curve.assign(usd=curve["usd"].round().astype(int))
            st.dataframe(
                told,
                hide_index=True,
                key="counterfactual_table",
                column_config={"usd": dollars},
                column_order=("reaction s", "what", "usd", "attack"),
            )
        else:
            st.caption(words.NO_ATTACK)
    with curves:
        drawn(charts, "curves", words.NO_CURVE)
        st.dataframe(pd.DataFrame(result["detectors"]), hide_index=True, key="detectors")
    with false:
        days = findings.false_by_day(result)
        if len(days):
            st.altair_chart(findings.false_chart(days), width="stretch", key="false_by_day")
            st.dataframe(days, hide_index=True, key="false_days")
        else:
            st.success(words.NONE_FALSE)
        drawn(charts, "quarters", "")
    with delays:
        drawn(charts, "delays", words.NO_DELAY)
        drawn(charts, "timeline", "")
    with sweep:
        drawn(charts, "sweep", words.NO_SWEEP)
    with compared:
        compare(result)
    if whole.open:
        with whole:
            st.download_button(words.DOWNLOAD_REPORT, report, file_name="backtest.html", mime="text/html", key="report")
            st.iframe(lab.framed(report), height=1600)
    propose(run)


def drawn(charts: dict[str, dict[str, object]], name: str, otherwise: str) -> None:
    """One of the report's own charts."""
    if name in charts:
        st.vega_lite_chart(spec=charts[name], width="stretch", key=f"chart_{name}")
    elif otherwise:
        st.caption(otherwise)


def compare(result: dict[str, dict[str, object]]) -> None:
    """Two configurations, first in sums, then message by message."""
    if "comparison" not in result:
        st.caption(words.NO_COMPARISON)
        return
    comparison = result["comparison"]
    st.dataframe(findings.compared_sums(comparison), hide_index=True, key="compared_sums")
    changed = findings.changes(comparison)
    st.caption(words.CHANGED.format(count=len(changed)))
    st.dataframe(changed, hide_index=True, key="changes")


def propose(run: Run) -> None:
    """Write the configuration down for whoever runs the nodes, with these findings as its grounds."""
    folder = runs_folder()
    who = session.actor()
    config = (run.folder / "config.toml").read_text()
    with st.expander(words.PROPOSED_CONFIGS):
        if who is None or "propose" not in who.may:
            st.caption(words.READ_ONLY)
        else:
            with st.form("propose_config", clear_on_submit=True, border=False):
                reason = st.text_input(words.CONFIG_REASON, key="config_reason")
                if st.form_submit_button(words.PROPOSE_CONFIG) and has_reason(reason):
                    told = findings.sentences(run.result)
                    candidates.propose(
                        folder, config=config, by=who.name, reason=reason.strip(), run=run.name, findings=told
                    )
        for number, one in enumerate(candidates.proposed(folder)):
            st.markdown(words.PROPOSED_CONFIG.format(by=one["by"], at=one["at"][:16], run=one["run"]))
            st.text(one["reason"])
            st.code(one["config"], language="toml")
            st.download_button(words.SAVE_CONFIG, one["config"], file_name="candidate.toml", key=f"candidate_{number}")


def show() -> None:
    """Ask on the left, read on the right."""
    folder = runs_folder()
    left, right = st.columns([2, 5])
    with left:
        ask()
    with right:
        under_way(folder)
        finished = [run for run in runs(folder) if run.state != "running"]
        if not finished:
            st.caption(words.NO_RUNS)
            return
        run = st.selectbox(words.RUNS, finished, format_func=lambda one: f"{one.name} ({one.state})", key="run_shown")
        read_run(run)


show()
