"""What went into a report: settings and prices in full, people and events as fingerprints only.

No count and no row of a person is in it. Fingerprints are salted, so that those of two reports cannot be compared.
The salt stands beside them: they hide nothing from who could try out what would give them. So no lone number is among
them, and no copy that leaves holds them.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluation.disclosure import DEFAULT_RULE
from evaluation.quarters import seed_of
from evaluation.scorecard import sets

if TYPE_CHECKING:
    import pandas as pd

    from evaluation.evidence import Evidence
    from evaluation.models import KpiChoice, RunningCost, UnitCost

FORMAT = 2
ROOT = Path(__file__).resolve().parent.parent.parent
# Our own code and data files that make the figures: all of evaluation, and the rules of others that it follows.
CODE = (
    "evaluation/**/*.py",
    "evaluation/**/*.toml",
    "casework/experience.py",
    "casework/rules.py",
    "cohorts/rules.py",
    "cohorts/areas/**/*.py",
    "cohorts/lists/equity.py",
    "cohorts/lists/selection.py",
    "cohorts/lists/selection_sql.py",
    "cohorts/lists/sentences.py",
    "governance/rights.py",
    "governance/rules.py",
)
ACTIVITY = "activity"
PACKAGES = ("django", "numpy", "pandas", "scipy")


def build(evidence: Evidence, *, salt: str) -> dict[str, Any]:
    """The manifest of what was read. The same rows, settings, code and salt give the same manifest."""
    return {
        "format": FORMAT,
        "salt": salt,
        "as_at": evidence.quarter.last_day.isoformat(),
        "software": software(),
        "settings": _settings(evidence),
        "extracts": {str(e["pk"]): e["sha256"] for feed in evidence.feeds for e in feed.extracts},
        "rows": {name: _fingerprint(rows, salt) for name, rows in _rows(evidence).items()},
    }


@cache
def software() -> dict[str, str]:
    """Versions of what computes, and a fingerprint of our own code that does."""
    versions = {name: version(name) for name in PACKAGES}
    return {"code": code_of(ROOT), "python": platform.python_version(), **versions}


def code_of(root: Path) -> str:
    """SHA-256 (hex) of the code and data files under `root` that make the figures."""
    found = hashlib.sha256()
    for path in sorted({path for pattern in CODE for path in root.glob(pattern)}):
        if "migrations" not in path.parts:
            found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def _settings(evidence: Evidence) -> dict[str, Any]:
    plans = {f"{measure} {days}": each["plan"]["hash"] for (measure, days), each in evidence.impacts.items()}
    choice, newest = evidence.kpi_choice, evidence.newest_list
    return {
        "rule": str(evidence.rule) if evidence.rule else None,
        "list_of_one_year_earlier": evidence.last_year.words,
        "newest_list": newest.pk if newest else None,
        "targets": _targets(choice) if choice else None,
        "sources": [each.settings for each in evidence.feeds],
        "files_of_areas": dict(evidence.areas),
        "unit_costs": [_unit_cost(each) for each in evidence.unit_costs.values()],
        "running_costs": [_running_cost(each) for each in evidence.running_costs.values()],
        "lots": asdict(evidence.lots),
        "plans": plans,
        "seed": seed_of(evidence.quarter),
        "disclosure": asdict(DEFAULT_RULE),
    }


def _targets(choice: KpiChoice) -> dict[str, Any]:
    chosen = asdict(sets.shipped(choice.kpi_set)) if choice.kpi_set else None
    # As it comes back from the database: lists, and no tuples.
    return {"first_quarter": choice.first_quarter, "set": json.loads(json.dumps(chosen))}


def _unit_cost(cost: UnitCost) -> dict[str, Any]:
    return {
        "id": cost.pk,
        "measure": cost.measure,
        "amount": f"{cost.amount:.2f}",
        "price_year": cost.price_year,
        "valid_from": cost.valid_from.isoformat(),
        "source": cost.source,
    }


def _running_cost(cost: RunningCost) -> dict[str, Any]:
    return {
        "id": cost.pk,
        "name": cost.name,
        "amount": f"{cost.amount:.2f}",
        "valid_from": cost.valid_from.isoformat(),
        "source": cost.source,
    }


def _rows(evidence: Evidence) -> Mapping[str, Iterable[object]]:
    """Every row that was read, under the words a reader knows it by."""
    activity = evidence.activity
    return {
        "people listed, approached or followed": _told(evidence.people),
        "people of the list of one year earlier": _told(evidence.last_year.people),
        "attendances for injuries": _told(evidence.negative_control.rows),
        "who was reached": _told(evidence.reach),
        "days of support": _told(evidence.supported),
        "support that ended": _told(evidence.ended),
        "cases and contacts": [asdict(evidence.casework)],
        "answers about the service": [asdict(each) for each in evidence.experience.answers],
        "scores": [(key, found) for key, found in evidence.outcomes.items()],
        **{
            f"{ACTIVITY}: {measure}": _told(activity[activity["measure"] == measure])
            for measure in evidence.supplied
        },
    }


def _told(rows: pd.DataFrame) -> Iterable[object]:
    """The rows as tuples, moments as seconds. Column by column, which is several times faster than row by row."""
    columns = (rows[name] for name in rows)
    plain = (
        each.astype("datetime64[s]").astype("int64") if each.dtype.kind == "M" else each for each in columns
    )
    return zip(*(each.tolist() for each in plain), strict=True)


def _fingerprint(rows: Iterable[object], salt: str) -> str:
    """SHA-256 (hex) of the rows in an order of their own."""
    told = json.dumps(sorted(str(row) for row in rows))
    return hashlib.sha256(f"{salt}{told}".encode()).hexdigest()
