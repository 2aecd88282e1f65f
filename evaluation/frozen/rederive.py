"""Working a frozen report out again, as things stood then, and saying what differs and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evaluation import blocks, quarters, snapshot
from evaluation.frozen import manifest
from evaluation.known.gone import why_gone
from evaluation.known.moment import known_at
from evaluation.measures import BY_KEY
from evaluation.models import Report

SOFTWARE = {"code": "the code that makes the figures"}
NO_MANIFEST = "This report was frozen before manifests were kept, so only the figures can be compared."
ROWS_CHANGED = "Rows were changed, added or deleted since"
ABSENT = "not there"
Place = tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """One figure or sentence that did not come out again."""

    where: Place
    then: str
    now: str

    def __str__(self) -> str:
        return f"{', '.join(part for part in self.where if part)}: {self.then} then, {self.now} now"


@dataclass(frozen=True)
class Rederived:
    """What came out, and why it may differ."""

    differences: list[Difference]
    reasons: list[str]

    @property
    def identical(self) -> bool:
        """Whether every figure and every word came out again."""
        return not self.differences


def rederive(report: Report) -> Rederived:
    """Work a report out again from what was stored when it was frozen. Changes nothing.

    Names of the service and of who runs it are taken from the frozen copy, and sources from the manifest, as they were
    set then: a name is no figure. Raises CouldBeTakenOff where the figures of today could not be released beside the earlier ones.
    """
    service, kept, known = report.service, report.manifest, known_at(report.frozen_at)
    earlier = service.reports.filter(pk__lt=report.pk)
    derived = snapshot.derive(
        service,
        quarters.parse(report.quarter),
        frozen_at=report.frozen_at,
        reports=earlier.standing(known).values_list("snapshot", flat=True),
        profiles=service.area_profiles.filter(frozen_at__lt=known).values_list("snapshot", flat=True),
        withdrawn=earlier.withdrawn_after_a_copy(known).values_list("snapshot", flat=True),
        prices=kept.get("settings"),
        sources=kept.get("settings", {}).get("sources"),
    )
    now = {**derived.content, **{name: report.snapshot[name] for name in ("service", "host")}}
    differences = list(_differences(report.snapshot, now))
    if not kept:
        return Rederived(differences, [NO_MANIFEST])
    reasons = list(_reasons(kept, manifest.build(derived.evidence, salt=kept["salt"])))
    if any(reason.startswith(ROWS_CHANGED) for reason in reasons):
        reasons += why_gone(service, known)
    return Rederived(differences, reasons)


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    before, after = _flat(then), _flat(now)
    for place in [*before, *(each for each in after if each not in before)]:
        one, other = before.get(place, ABSENT), after.get(place, ABSENT)
        if one != other:
            yield Difference(place, one, other)


def _flat(content: Mapping[str, Any]) -> dict[Place, str]:
    """Every figure and every sentence by where it stands."""
    found: dict[Place, str] = {}
    for section in content["sections"]:
        for number, block in enumerate(section["blocks"], start=1):
            place = (section["title"],)
            if block["kind"] == "table":
                found |= {(*place, *where): words for where, words in _flat_table(block)}
            elif block["kind"] == "stats":
                found |= {(*place, each["label"]): each["value"] for each in block["stats"]}
            else:
                for line, words in enumerate(block.get("items", [block.get("text", "")]), start=1):
                    found[(*place, f"words {number}.{line}")] = words
    rest = {key: value for key, value in content.items() if key != "sections"}
    return found | {("About this copy", key): snapshot.canonical(value) for key, value in rest.items()}


def _flat_table(block: blocks.Block) -> Iterator[tuple[Place, str]]:
    caption = block["caption"]
    yield (caption, "how it was counted"), block["how"]
    for row in block["rows"]:
        for column, cell in zip(block["columns"], row["cells"], strict=True):
            yield (caption, row["label"], column["label"]), cell["text"]
        yield (caption, row["label"], "read with it"), row["note"]


def _reasons(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """What went in then and is not the same now, a sentence each."""
    for name, value in then["software"].items():
        if value != now["software"].get(name):
            yield f"Software: {SOFTWARE.get(name, f'{name} {value}')} is not the same now."
    for name in sorted(set(then["extracts"]) - set(now["extracts"])):
        yield f"Extract {name} is not stored any more."
    for name, value in then["rows"].items():
        if value != now["rows"].get(name):
            yield f"{ROWS_CHANGED}: {_words(name)}."
    for name, value in then["settings"].items():
        if value != now["settings"].get(name):
            yield f"A setting is not the same now: {name.replace('_', ' ')}."


def _words(name: str) -> str:
    kind, _, measure = name.partition(": ")
    return f"{kind} ({BY_KEY[measure].name})" if measure else kind
