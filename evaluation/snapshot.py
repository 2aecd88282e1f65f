"""The frozen copy of a report: everything every rendering needs, after disclosure control, as plain JSON."""

from __future__ import annotations

import datetime
import hashlib
import json
from typing import TYPE_CHECKING, Any

from evaluation import blocks
from evaluation.quarters import Quarter, seed_of
from governance.models import Service

if TYPE_CHECKING:
    from evaluation.evidence import Evidence

FORMAT = 1


def build(service: Service, quarter: Quarter, *, frozen_at: datetime.datetime) -> dict[str, Any]:
    """The snapshot of a quarter that has ended. Holds no person and no exact small number."""
    # Imported here: pandas takes 35 MB, which a process that only shows reports should not carry.
    from evaluation.evidence import gather
    from evaluation.sections.order import SECTIONS

    evidence = gather(service, quarter, frozen_at=frozen_at)
    sections = [part for make in SECTIONS if (part := make(evidence))]
    return {
        "format": FORMAT,
        "service": service.name,
        "host": service.host.name,
        "quarter": str(quarter),
        "period": {
            "from": quarter.first_day.isoformat(),
            "to": quarter.last_day.isoformat(),
            "label": quarter.label,
            "nhs_label": quarter.nhs_label,
        },
        "sections": sections,
        "suppressed_cells": blocks.suppressed_cells(sections),
        "provenance": _provenance(evidence),
    }


def canonical(snapshot: Any) -> str:
    """The snapshot as text that does not depend on the order a database keeps keys in."""
    return json.dumps(snapshot, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def fingerprint(snapshot: Any) -> str:
    """SHA-256 (hex, 64 characters) of the canonical text."""
    return hashlib.sha256(canonical(snapshot).encode()).hexdigest()


def _provenance(evidence: Evidence) -> dict[str, Any]:
    plans = {f"{measure} {days}": each["plan"]["hash"] for (measure, days), each in evidence.impacts.items()}
    return {
        "data_cut": evidence.quarter.last_day.isoformat(),
        "data_to": evidence.data_to.isoformat() if evidence.data_to else None,
        "extracts": evidence.extract_ids,
        "rule": str(evidence.rule) if evidence.rule else None,
        "seed": seed_of(evidence.quarter),
        "plan_hash": fingerprint(plans),
    }
