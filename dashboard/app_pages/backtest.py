"""The backtest lab: any history through the production detectors, at budgets of your choice."""

from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import lab, words
from dashboard.replays import Run, runs, runs_folder, start


def ask() -> None:
    """Choose a history and budgets, and start."""
    folder = runs_folder()
    uploaded = st.file_uploader(words.UPLOAD, type=["parquet", "csv"], key="upload")
    known = lab.histories(folder)
    named = st.selectbox(
        words.HISTORY_FILE, known, format_func=lambda path: path.name, key="history", accept_new_options=True
    )
    with st.form("run", border=True):
        st.markdown(f"**{words.BUDGETS}**")
        config = lab.Config(
            st.number_input(words.FALSE_ALARMS, 0.0, 10.0, lab.FALSE_ALARMS_PER_DAY, format="%.4f", key="alarms"),
            st.number_input(words.FALSE_CURSES, 0.0, 10.0, lab.FALSE_CURSES_PER_MONTH, format="%.4f", key="curses"),
            st.selectbox(words.POSTURE, list(words.POSTURES)[::-1], key="posture"),
        )
        is_compared = st.checkbox(words.COMPARE_DEFAULT, key="compare")
        is_swept = st.checkbox(words.WITH_SWEEP, key="sweep")
        is_asked = st.form_submit_button(words.RUN, type="primary")
    st.download_button(words.SAVE_CONFIG, config.toml(), file_name="candidate.toml", key="save_config")
    if not is_asked:
        return
    if uploaded is not None:
        history = lab.keep(folder, uploaded.name, uploaded.getvalue())
    elif Path(named or "").is_file():
        history = Path(named)
    else:
        st.error(words.NO_HISTORY)
        return
    base = lab.Config() if is_compared else None
    start(folder, history, config.toml(), compare=None if base is None else base.toml(), is_swept=is_swept)


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
    """One run's findings: the few numbers first, then the whole report."""
    if run.state in {"failed", "cancelled"}:
        st.error(run.said or run.state)
        return
    result = run.result
    for sentence in lab.sentences(result):
        st.markdown(sentence)
    curve = lab.saved_and_delayed(result)
    if len(curve):
        st.altair_chart(lab.counterfactual_chart(curve), width="stretch", key="counterfactual")
    if "comparison" in result:
        st.subheader(words.COMPARED)
        st.json(result["comparison"], expanded=False)
    st.dataframe(pd.DataFrame(result["detectors"]), hide_index=True, key="detectors")
    st.download_button(words.REPORT, run.report, file_name="backtest.html", mime="text/html", key="report")
    st.iframe(lab.framed(run.report), height=1600)


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
