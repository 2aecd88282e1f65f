"""What went into a report: settings and prices in full, people and events as fingerprints only.

No count and no row of a person is in it. Fingerprints are salted, so that nobody can try out what would give them.
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

if TYPE_CHECKING:
    from evaluation.evidence import Evidence
    from evaluation.models import RunningCost, UnitCost

FORMAT = 1
CODE = Path(__file__).resolve().parent.parent
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
    code = hashlib.sha256()
    for path in sorted(CODE.rglob("*.py")):
        if "migrations" not in path.parts:
            code.update(path.relative_to(CODE).as_posix().encode() + b"\0" + path.read_bytes())
    versions = {name: version(name) for name in PACKAGES}
    return {"code": code.hexdigest(), "python": platform.python_version(), **versions}


def _settings(evidence: Evidence) -> dict[str, Any]:
    plans = {f"{measure} {days}": each["plan"]["hash"] for (measure, days), each in evidence.impacts.items()}
    choice, newest = evidence.kpi_choice, evidence.newest_list
    return {
        "rule": str(evidence.rule) if evidence.rule else None,
        "newest_list": newest.pk if newest else None,
        "targets": [choice.kpi_set, choice.first_quarter] if choice else None,
        "unit_costs": [_unit_cost(each) for each in evidence.unit_costs.values()],
        "running_costs": [_running_cost(each) for each in evidence.running_costs.values()],
        "lots": asdict(evidence.lots),
        "plans": plans,
        "seed": seed_of(evidence.quarter),
        "disclosure": asdict(DEFAULT_RULE),
    }


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
        "people listed, approached or followed": evidence.people.itertuples(index=False, name=None),
        "who was reached": evidence.reach.itertuples(index=False, name=None),
        "days of support": evidence.supported.itertuples(index=False, name=None),
        "cases and contacts": [asdict(evidence.casework)],
        "scores": [(key, found) for key, found in evidence.outcomes.items()],
        "people left out": [evidence.left_out],
        **{
            f"activity: {measure}": activity[activity["measure"] == measure].itertuples(
                index=False, name=None
            )
            for measure in evidence.supplied
        },
    }


def _fingerprint(rows: Iterable[object], salt: str) -> str:
    """SHA-256 (hex) of the rows in an order of their own."""
    told = json.dumps(sorted(str(row) for row in rows))
    return hashlib.sha256(f"{salt}{told}".encode()).hexdigest()
