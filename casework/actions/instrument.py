"""Instruments as data: read from a file, stored once to a version."""

import tomllib
from pathlib import Path
from typing import Any

from django.db import transaction

from casework.models import Instrument, InstrumentItem
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken

FOLDER = Path(__file__).resolve().parent.parent / "instruments"
_ITEM_FIELDS = ("number", "code", "label", "low_anchor", "high_anchor", "values")


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
    heading = {key: told[key] for key in ("slug", "version", "title", "attribution", "licence")}
    row = Instrument.objects.create(service=service, **heading)
    InstrumentItem.objects.bulk_create(
        InstrumentItem(instrument=row, number=number, **item) for number, item in enumerate(told["items"], 1)
    )
    changes = {"slug": row.slug, "version": row.version, "items": len(told["items"])}
    audit.record("instrument_loaded", service=service, by=by, on=row, changes=changes)
    return row, True


def names() -> list[str]:
    """The instruments that come with the product."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def _read(name: str) -> dict[str, Any]:
    if name not in names():
        raise RuleBroken(f'There is no instrument called "{name}". Choose from: {", ".join(names())}.')
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _check_same(stored: Instrument, told: dict[str, Any]) -> None:
    """What people were scored with must stay what it was, so a change of wording is a new version."""
    items = [tuple(item) for item in stored.items.values_list(*_ITEM_FIELDS)]
    wanted = [
        (number, *(item[field] for field in _ITEM_FIELDS[1:])) for number, item in enumerate(told["items"], 1)
    ]
    if items != wanted:
        raise RuleBroken(
            f"Version {stored.version} of {stored.title} is stored with other questions. "
            "Give the file a new version number and load it again."
        )
