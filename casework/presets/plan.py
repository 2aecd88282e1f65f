"""What loading a preset would do to a service, part by part, in words. Reads one service and writes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Q

from casework.models import Instrument
from casework.presets import read
from casework.presets.read import Part, Preset
from cohorts.models import CohortRule
from cohorts.rules import TERM_NAMES
from governance.models import PresetLoad, Service
from governance.models.preset import PartKind
from governance.rules import RuleBroken


class What(StrEnum):
    """What becomes of a part."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    # The service changed it for itself, and it stays.
    KEPT = "kept"


WHAT_WORDS = {
    What.NEW: "New",
    What.CHANGED: "Changes",
    What.SAME: "Stays the same",
    What.KEPT: "Yours stays",
}


@dataclass(frozen=True)
class Change:
    """One part: what becomes of it, and the sentences that go and come."""

    part: Part
    what: What
    now: Any

    @property
    def before(self) -> list[str]:
        """What holds in the service now, in sentences; nothing where the part is not there."""
        return read.lines(self.part.kind, self.now) if self.now is not None else []

    @property
    def what_words(self) -> str:
        return WHAT_WORDS[self.what]

    @property
    def goes(self) -> list[str]:
        """Sentences that no longer hold."""
        return [line for line in self.before if line not in self.part.lines]

    @property
    def comes(self) -> list[str]:
        """Sentences that are new."""
        return [line for line in self.part.lines if line not in self.before]


@dataclass(frozen=True)
class Plan:
    """All of it, for one service."""

    preset: Preset
    loaded: PresetLoad | None
    changes: list[Change]

    def count(self, what: What) -> int:
        """How many parts this becomes of."""
        return sum(change.what == what for change in self.changes)

    @property
    def does_something(self) -> bool:
        """Whether loading would write anything."""
        is_new = self.loaded is None or self.loaded.version != self.preset.version
        return is_new or bool(self.count(What.NEW) + self.count(What.CHANGED))


def newest_loads(service: Service) -> dict[str, PresetLoad]:
    """The version of each preset that the service has."""
    rows = service.preset_loads.order_by("preset", "-version").distinct("preset")
    return {row.preset: row for row in rows}


def make(service: Service, preset: Preset, *, replace: bool = False) -> Plan:
    """What loading would do; with `replace` also to what the service changed for itself.

    Raises:
        RuleBroken: the service has a newer version, or this version with another content.
    """
    loaded = newest_loads(service).get(preset.name)
    _check_version(preset, loaded)
    stored = _stored(service, preset.name)
    ours = {rule.slug: terms_of(rule) for rule in service.cohort_rules.newest()}
    usable = Instrument.objects.filter(Q(service=service) | Q(service=None)).values_list("slug", flat=True)
    here: dict[tuple[str, str], Any] = {(PartKind.RULE, slug): terms for slug, terms in ours.items()}
    here |= {(PartKind.INSTRUMENT, slug): {"name": slug} for slug in usable}
    return Plan(preset, loaded, [_change(part, stored, here, replace) for part in preset.parts])


def terms_of(rule: CohortRule) -> dict[str, Any]:
    """The terms of a stored rule, as a preset has them."""
    return {"title": rule.title, **{name: getattr(rule, name) for name in TERM_NAMES}}


def _check_version(preset: Preset, loaded: PresetLoad | None) -> None:
    if loaded is None:
        return
    if loaded.version > preset.version:
        raise RuleBroken(
            f"This service has version {loaded.version} of {preset.title}, which is newer than "
            f"version {preset.version} here. Update the product first."
        )
    if loaded.version == preset.version and loaded.sha256 != preset.sha256:
        raise RuleBroken(
            f"Version {preset.version} of {preset.title} was loaded with another content. "
            "Give the file a new version number and load it again."
        )


def _stored(service: Service, name: str) -> dict[tuple[str, str], Any]:
    """What the preset said before of each part, as the service took it over."""
    rows = (
        service.preset_parts.filter(preset=name).order_by("kind", "key", "-version").distinct("kind", "key")
    )
    return {(row.kind, row.key): _whole(row.kind, row.content) for row in rows}


def _whole(kind: str, content: Any) -> Any:
    """A rule taken over before a setting was there said of it what it says by itself."""
    return {**read.DEFAULTS, **content} if kind == PartKind.RULE else content


def _change(
    part: Part, stored: Mapping[tuple[str, str], Any], here: Mapping[tuple[str, str], Any], replace: bool
) -> Change:
    """Rules and instruments are compared with the rows they became, everything else with what is kept as data."""
    name = (part.kind, part.key)
    taken_over = stored.get(name)
    now = here.get(name) if part.kind in (PartKind.RULE, PartKind.INSTRUMENT) else taken_over
    if now == part.content:
        return Change(part, What.SAME if taken_over == part.content else What.NEW, now)
    if now is None:
        return Change(part, What.NEW, now)
    changed_here = part.kind == PartKind.RULE and now != taken_over
    return Change(part, What.KEPT if changed_here and not replace else What.CHANGED, now)
