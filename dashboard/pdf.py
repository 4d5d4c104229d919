"""An incident as a PDF that asks no host for anything, for people who have no access to the nodes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fpdf import FPDF
from fpdf.fonts import FontFace

from dashboard import words
from dashboard.report import action_table, facts_of, signal_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from dashboard.names import Names

_SIGNALS_MAX = 200
"""Of a longer incident the last ones; the HTML export holds all."""
_WRITTEN = {"→": "->", "…": "...", "·": "-", "✓": "yes"}
"""The fonts that every PDF reader has know Latin-1 alone."""


def incident_pdf(incident: Mapping[str, Any], signals: Sequence[Mapping[str, Any]], names: Names, made: str) -> bytes:
    """The file. `made`: when and from whose word, for the last line."""
    pdf = FPDF(format="A4")
    pdf.set_title(_plain(incident["summary"]))
    pdf.set_lang("en")
    pdf.add_page()
    _heading(pdf, f"{incident['severity']}: {incident['summary']}", 15)
    _rows(pdf, (), facts_of(incident, names).items(), (1, 4))
    table = signal_table(signals, names).tail(_SIGNALS_MAX)
    _heading(pdf, f"{words.SIGNALS} ({len(table)} of {len(signals)})", 12)
    shown = table[["at", "detector", "severity", "chain", "block", "summary"]]
    _rows(pdf, shown.columns, shown.itertuples(index=False), (3, 3, 2, 2, 2, 6))
    _heading(pdf, words.EVIDENCE, 12)
    hashes = table[["detector", "evidence"]].drop_duplicates()
    _rows(pdf, hashes.columns, hashes.itertuples(index=False), (2, 6))
    _heading(pdf, words.ACTIONS, 12)
    done = action_table(incident["actions"], names)
    if len(done):
        _rows(pdf, done.columns, done.itertuples(index=False), (2, 2, 2, 2, 5, 3, 3))
    else:
        _line(pdf, words.NOTHING_DONE)
    pdf.ln(4)
    _line(pdf, made)
    return bytes(pdf.output())


def _heading(pdf: FPDF, text: str, size_pt: int) -> None:
    pdf.ln(3)
    pdf.set_font("helvetica", "B", size_pt)
    pdf.multi_cell(0, text=_plain(text), new_x="LMARGIN", new_y="NEXT")
    pdf.ln(1)


def _line(pdf: FPDF, text: str) -> None:
    pdf.set_font("helvetica", "", 9)
    pdf.multi_cell(0, text=_plain(text), new_x="LMARGIN", new_y="NEXT")


def _rows(pdf: FPDF, heads: Iterable[str], rows: Iterable[Iterable[object]], widths: tuple[int, ...]) -> None:
    pdf.set_font("helvetica", "", 8)
    names = [*heads]
    style = FontFace(emphasis="BOLD")
    with pdf.table(
        col_widths=widths, text_align="LEFT", first_row_as_headings=bool(names), headings_style=style, line_height=4
    ) as table:
        for row in ([names] if names else []) + [[str(cell) for cell in line] for line in rows]:
            cells = table.row()
            for cell in row:
                cells.cell(_plain(cell))


def _plain(text: object) -> str:
    written = str(text)
    for sign, plain in _WRITTEN.items():
        written = written.replace(sign, plain)
    return written.encode("latin-1", "replace").decode("latin-1")
