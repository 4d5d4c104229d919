"""One HTML file that needs nothing else: no host is asked for anything when it is opened, and its policy forbids it.

The only script that may run is the page's own, named by its hash: what a history holds can't become one, and it is
escaped besides. Charts travel as JSON; vega draws them without evaluating text as code (`ast`).
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from typing import TYPE_CHECKING, Any

import vl_convert

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CHARTS = '<script type="application/json" id="charts">'
_STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1a1a1a; --faint: #8886; --mark: #0072b2; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171a; --ink: #e6e6e6; --mark: #56b4e9; } }
@media print { :root { --paper: #fff; --ink: #000; } }
body { margin: 0 auto; padding: 1rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; line-height: 1.25; } h2 { font-size: 1.1rem; margin-top: 2.5rem; } h3 { font-size: 1rem; }
.summary { border-left: .3rem solid var(--mark); padding-left: 1rem; font-size: 1.05rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0;
  border-bottom: 1px solid var(--faint); }
th, td { overflow-wrap: break-word; max-width: 18rem; } td.n, th.n { text-align: right; }
figure { margin: 1rem 0; break-inside: avoid; } figcaption { font-size: .875rem; }
.chart { width: 100%; } pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .8rem; margin: .25rem 0; }
tr { break-inside: avoid; } summary { cursor: pointer; }
#vg-tooltip-element { background: var(--paper); color: var(--ink); border-color: var(--faint); }
"""
_DRAW = """
for (const [id, spec] of Object.entries(JSON.parse(document.getElementById("charts").textContent))) {
  vegaEmbed("#" + id, spec, {actions: false, renderer: "svg", ast: true, tooltip: {disableDefaultStyle: false}});
}
"""


def page(title: str, body: str, charts: Mapping[str, Mapping[str, Any]]) -> str:
    """The file's text.

    Args:
        title: plain text.
        body: markup, with a place (`figure`) for each chart.
        charts: Vega-Lite specifications by the id of their place.
    """
    script = vl_convert.javascript_bundle(_DRAW).replace("</script", "<\\/script") if charts else ""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    scripts = f"{_CHARTS}{_json(charts)}</script>\n<script>{script}</script>\n" if charts else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n{scripts}</body>\n</html>\n"
    )


def charts_of(page_text: str) -> dict[str, dict[str, Any]]:
    """The Vega-Lite specifications in a file that `page` made, by the id of their place; none where there are none."""
    _, _, rest = page_text.partition(_CHARTS)
    held = rest.partition("</script>")[0]
    return dict(json.loads(held)) if held else {}


def text(value: object) -> str:
    """Anything as text that markup can't hide in."""
    return html.escape(str(value))


def figure(id_: str, caption: str) -> str:
    """The place of a chart."""
    return f'<figure><div class="chart" id="{text(id_)}"></div><figcaption>{text(caption)}</figcaption></figure>'


def table(heads: Sequence[str], lines: Sequence[Sequence[object]]) -> str:
    """Cells of text; numbers stand to the right, a mapping or list folds away."""
    head = "".join(f"<th>{text(name)}</th>" for name in heads)
    rows = "".join(f"<tr>{''.join(_cell(cell) for cell in line)}</tr>\n" for line in lines)
    return f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>'


def _cell(value: object) -> str:
    if value is None:
        return '<td class="n">-</td>'
    if isinstance(value, bool):
        return f"<td>{'yes' if value else 'no'}</td>"
    if isinstance(value, int | float):
        return f'<td class="n">{number(value)}</td>'
    if isinstance(value, dict | list):
        shown = text(json.dumps(value, indent=1, ensure_ascii=False))
        return f"<td><details><summary>show</summary><pre>{shown}</pre></details></td>"
    return f"<td>{text(value)}</td>"


def number(value: float) -> str:
    """With thousands parted, and no more digits than say something."""
    if isinstance(value, int) or (abs(value) >= 1000 and value == value):  # noqa: PLR0124  not NaN
        return f"{value:,.0f}"
    return f"{value:.4g}"


def _json(value: object) -> str:
    """JSON that can stand within a script element whatever its strings hold."""
    return json.dumps(value, allow_nan=False, ensure_ascii=True).replace("<", "\\u003c").replace(">", "\\u003e")
