"""Taking over a preset: rules, an instrument and the parts kept as data, for one service at a time."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from casework import support
from casework.actions import instrument as instruments
from casework.actions import support as supporting
from casework.models import Instrument
from casework.presets import plan as plans
from casework.presets.plan import Change, Plan, What
from casework.presets.read import Preset
from cohorts.actions import rule as rules
from governance import audit
from governance.models import Service, User
from governance.models.preset import PartKind


@dataclass(frozen=True)
class Loaded:
    """What was done: how many parts were created, changed, and left as the service had them."""

    plan: Plan
    created: int
    changed: int
    kept: int


@transaction.atomic
def load(*, service: Service, preset: Preset, by: User | None, replace: bool = False) -> Loaded:
    """Take over a preset or its newer version; again, it changes nothing.

    What the service changed for itself stays, unless `replace` says otherwise. A rule that changes is a
    new version, and lists keep the one they used. The template of an agreement signs nothing: it is kept
    to be read, and an agreement is still made by the organisations.

    Raises:
        RuleBroken: the service has a newer version, or this one with another content.
    """
    # Two who load at once wait for each other here.
    Service.objects.select_for_update(of=["self"], no_key=True).get(pk=service.pk)
    plan = plans.make(service, preset, replace=replace)
    loaded = Loaded(plan, plan.count(What.NEW), plan.count(What.CHANGED), plan.count(What.KEPT))
    if not plan.does_something:
        return loaded
    for change in plan.changes:
        if change.what in (What.NEW, What.CHANGED):
            _take_over(service, preset, change, by)
    row, before = plan.loaded, plan.loaded.version if plan.loaded else None
    if before != preset.version:
        row = service.preset_loads.create(
            preset=preset.name, version=preset.version, sha256=preset.sha256, loaded_by=by
        )
    changes = {"preset": preset.name, "version": [before, preset.version]}
    counts = {"created": loaded.created, "changed": loaded.changed, "kept": loaded.kept}
    audit.record("preset_loaded", service=service, by=by, on=row, changes=changes | counts)
    return loaded


def _take_over(service: Service, preset: Preset, change: Change, by: User | None) -> None:
    part = change.part
    if part.kind == PartKind.RULE and change.now != part.content:
        rules.save(service=service, slug=part.key, by=by, **part.content)
    if part.kind == PartKind.INSTRUMENT:
        _instrument(service, part.key, by)
    if part.kind == PartKind.SUPPORT:
        supporting.set_way(service=service, way=support.from_told(part.content), by=by)
    # Loaded again after a local change was given up: the row of this version is there already.
    told = {"preset": preset.name, "kind": part.kind, "key": part.key, "version": preset.version}
    if not service.preset_parts.filter(**told).exists():
        service.preset_parts.create(content=part.content, added_by=by, **told)


def _instrument(service: Service, name: str, by: User | None) -> None:
    """One that every service uses will do; otherwise the service gets its own."""
    usable = Instrument.objects.filter(Q(service=service) | Q(service=None), slug=name)
    if not usable.exists():
        instruments.load(name=name, service=service, by=by)
