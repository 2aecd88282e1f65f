"""The report as HTML: the parts the page shows, and a document of its own for paper and for the pack."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from evaluation import charts, render
from evaluation.disclosure import SUPPRESSED_TEXT
from evaluation.models import Report
from evaluation.run_charts import draw as run_charts
from governance.printing import styles

# With more columns than this, notes stand below the table instead of in it.
WIDEST_WITH_NOTES = 6
NO_NOTE = "–"
# A table with so few columns stays a table on a phone; with numbers only, full width would put them far from
# their labels.
PLAIN_COLUMNS = 3


def context(report: Report) -> dict[str, Any]:
    """What the templates of a report need, from the snapshot alone."""
    sections = [
        {**section, "blocks": [_block(section["key"], block) for block in section["blocks"]]}
        for section in report.snapshot["sections"]
    ]
    return {
        "report": report,
        "draft": render.draft_mark(report),
        "snapshot": report.snapshot,
        "sections": sections,
        "facts": [{"key": key, "value": value} for key, value in render.facts(report)],
        "withheld": SUPPRESSED_TEXT,
        "paper": False,
    }


def document(report: Report, *, paper: bool = False) -> str:
    """A whole HTML document that fetches nothing: its styles are inside. On `paper` no table needs what a phone does."""
    words = {**context(report), "styles": styles(), "paper": paper}
    return render_to_string("evaluation/report_document.html", words)


def _block(section: str, block: dict[str, Any]) -> dict[str, Any]:
    if block["kind"] == "table":
        return _table(section, block)
    # A template reads `block.items` as the method of a dictionary.
    return {**block, "items_list": block.get("items", [])}


def _table(section: str, block: dict[str, Any]) -> dict[str, Any]:
    """A table as its component takes it, with its charts drawn."""
    noted = [row for row in block["rows"] if row["note"]]
    inside = bool(noted) and len(block["columns"]) <= WIDEST_WITH_NOTES
    head = [{"label": block["first"], "numeric": False}, *block["columns"]]
    rows = [[row["label"], *(cell["text"] for cell in row["cells"])] for row in block["rows"]]
    if inside:
        head.append({"label": "Read with it", "numeric": False})
        rows = [[*cells, row["note"] or NO_NOTE] for cells, row in zip(rows, block["rows"], strict=True)]
    name = f"{section}-{block['key']}".replace("_", "-")
    return {
        **block,
        "head": head,
        "rows": rows,
        "notes": [] if inside else [{"label": row["label"], "note": row["note"]} for row in noted],
        "drawn": [
            {"title": chart["title"], "svg": _chart(f"{name}-{i}", chart)}
            for i, chart in enumerate(block["charts"], start=1)
        ],
        "plain": len(head) <= PLAIN_COLUMNS,
        "narrow": len(head) <= PLAIN_COLUMNS and all(each["numeric"] for each in block["columns"]),
    }


def _chart(chart_id: str, chart: dict[str, Any]) -> SafeString:
    """One chart as SVG; `charts` escapes every word in it."""
    words = {"title": chart["title"], "desc": chart["desc"], "unit": chart["unit"]}
    if chart["chart"] == "intervals":
        rows = [
            charts.Interval(each["label"], each["rate_ratio"], each["lo"], each["hi"], each["note"])
            for each in chart["rows"]
        ]
        svg = charts.intervals(chart_id, rows=rows, **words)
    elif chart["chart"] == "run":
        svg = run_charts.run(
            chart_id,
            months=chart["categories"],
            points=chart["points"],
            signals=chart["signals"],
            centre=chart["limits"],
            **words,
        )
    else:
        series = [charts.Series(each["name"], each["points"]) for each in chart["series"]]
        if chart["chart"] == "lines":
            svg = charts.lines(chart_id, quarters=chart["categories"], series=series, **words)
        else:
            svg = charts.grouped_bars(chart_id, categories=chart["categories"], series=series, **words)
    return mark_safe(svg)  # noqa: S308  # nosec  # drawn by us, each word of it escaped
