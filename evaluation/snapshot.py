"""The frozen copy of a report: everything every rendering needs, after disclosure control, as plain JSON."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from evaluation import blocks
from evaluation.disclosure import DEFAULT_RULE
from evaluation.quarters import Quarter, seed_of
from governance.models import Service

if TYPE_CHECKING:
    from evaluation.evidence import Evidence

FORMAT = 1


@dataclass(frozen=True)
class Derived:
    """A snapshot and the exact evidence behind it, which may not leave."""

    content: dict[str, Any]
    evidence: Evidence


def build(service: Service, quarter: Quarter, **options: Any) -> dict[str, Any]:
    """The snapshot of a quarter, as `derive` makes it."""
    return derive(service, quarter, **options).content


def derive(
    service: Service,
    quarter: Quarter,
    *,
    frozen_at: datetime.datetime,
    reports: Iterable[Mapping[str, Any]] = (),
    profiles: Iterable[Mapping[str, Any]] = (),
    withdrawn: Iterable[Mapping[str, Any]] = (),
    prices: Mapping[str, Any] | None = None,
    sources: Sequence[Mapping[str, Any]] | None = None,
) -> Derived:
    """The snapshot of a quarter that has ended. Holds no person and no exact small number, and nothing that tells one
    when held beside the `reports` and area `profiles` released before, and the `withdrawn` drafts that somebody may hold.
    `prices` are the settings of an earlier manifest, to work it out again with the costs of then; `sources` are its sources,
    as they were set then.

    Raises:
        CouldBeTakenOff: something could be told, whatever is withheld.
    """
    # Imported here: pandas takes 35 MB, which a process that only shows reports should not carry.
    from evaluation.differencing import guard
    from evaluation.differencing.printed import read_report
    from evaluation.evidence import gather

    evidence = gather(service, quarter, frozen_at=frozen_at, prices=prices, sources=sources)
    content = _content(evidence)
    earlier = guard.earlier_releases(reports, profiles, withdrawn=withdrawn)
    withheld = guard.to_withhold(read_report(content, DEFAULT_RULE), earlier)
    if withheld:
        evidence = replace(evidence, withheld=frozenset(withheld))
        content = _content(evidence)
        guard.check(read_report(content, DEFAULT_RULE), earlier)
    return Derived(content, evidence)


def _content(evidence: Evidence) -> dict[str, Any]:
    from evaluation.sections.order import SECTIONS

    service, quarter = evidence.service, evidence.quarter
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
        "withheld": sorted(list(each) for each in evidence.withheld),
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
