"""Instruments as data: read from a file, stored once to a version."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction

from casework.models import Instrument, InstrumentItem
from casework.scoring import Scoring
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken

FOLDER = Path(__file__).resolve().parent.parent / "instruments"
_HEAD = ("slug", "version", "title", "attribution", "licence")
# What a file says only where it differs from what goes without saying.
_MORE: dict[str, Any] = {"intro": "", "scoring": Scoring.SUM, "bands": [], "is_local": False, "owner_url": "",
                         "lowest": None, "highest": None}  # fmt: skip
_ITEM: dict[str, Any] = {"code": "", "label": "", "low_anchor": "", "high_anchor": "", "values": [], "anchors": [],
                         "weight": 1, "is_reversed": False}  # fmt: skip
_WORDS = ("label", "low_anchor", "high_anchor")


@transaction.atomic
def load(
    *, name: str = "chaos-score", service: Service | None = None, by: User | None = None
) -> tuple[Instrument, bool]:
    """Store the instrument of casework/instruments/<name>.toml; the second value says whether it is new.

    Loading the same version again changes nothing. `service=None` makes it usable by every service.

    Raises:
        RuleBroken: there is no such file, or this version is stored with another content.
    """
    told = _read(name)
    stored = Instrument.objects.filter(service=service, slug=told["slug"], version=told["version"]).first()
    if stored is not None:
        _check_same(stored, told)
        return stored, False
    row = Instrument.objects.create(
        service=service, made_by=by, **{key: told[key] for key in (*_HEAD, *_MORE)}
    )
    InstrumentItem.objects.bulk_create(
        InstrumentItem(instrument=row, number=number, **item) for number, item in enumerate(told["items"], 1)
    )
    changes = {"slug": row.slug, "version": row.version, "items": len(told["items"])}
    audit.record("instrument_loaded", service=service, by=by, on=row, changes=changes)
    return row, True


@transaction.atomic
def reword(
    *, instrument: Instrument, service: Service, words: Mapping[str, Mapping[str, str]], by: User
) -> Instrument:
    """Put questions into the service's own words, as its next version; scorings of before keep theirs.

    `words` maps the code of a question to its label and to what its lowest and its highest score mean.

    Raises:
        RuleBroken: the wording is the owner's, or nothing was changed.
    """
    if not instrument.is_local:
        raise RuleBroken(
            f"The wording of {instrument.title} is fixed. Use it as it is, so that it can be compared."
        )
    # Two who save at once wait for each other here, and the second makes the version after.
    Service.objects.select_for_update(of=["self"], no_key=True).get(pk=service.pk)
    items = list(instrument.items.all())
    now = [{**_as_told(item), **words.get(item.code, {})} for item in items]
    changed = [item.code for item, told in zip(items, now, strict=True) if _as_told(item) != told]
    if not changed:
        raise RuleBroken("Nothing was changed, so there is no new version.")
    kept = {key: getattr(instrument, key) for key in (*_HEAD, *_MORE)}
    row = service.instruments.create(**{**kept, "version": _next_version(instrument, service)}, made_by=by)
    InstrumentItem.objects.bulk_create(
        InstrumentItem(instrument=row, number=number, **item) for number, item in enumerate(now, 1)
    )
    changes = {"slug": row.slug, "version": [instrument.version, row.version], "questions": changed}
    audit.record("instrument_reworded", service=service, by=by, on=row, changes=changes)
    return row


def _next_version(instrument: Instrument, service: Service) -> int:
    newest = service.instruments.filter(slug=instrument.slug).order_by("-version").first()
    return max(instrument.version, newest.version if newest else 0) + 1


def _as_told(item: InstrumentItem) -> dict[str, Any]:
    return {field: getattr(item, field) for field in _ITEM}


def names() -> list[str]:
    """The instruments that come with the product."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def _read(name: str) -> dict[str, Any]:
    if name not in names():
        raise RuleBroken(f'There is no instrument called "{name}". Choose from: {", ".join(names())}.')
    told = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return {**_MORE, **told, "items": [{**_ITEM, **item} for item in told.get("items", ())]}


def _check_same(stored: Instrument, told: dict[str, Any]) -> None:
    """What people were scored with must stay what it was, so any change of it is a new version."""
    changed = [key.replace("_", " ") for key in (*_HEAD, *_MORE) if getattr(stored, key) != told[key]]
    if [_as_told(item) for item in stored.items.all()] != told["items"]:
        changed.insert(0, "questions")
    if changed:
        raise RuleBroken(
            f"Version {stored.version} of {stored.title} is stored with other content: {', '.join(changed)}. "
            "Give the file a new version number and load it again."
        )
