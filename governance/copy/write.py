"""A copy as files: a page to read, JSON for a machine, and a table for each kind of row."""

import csv
import io
import json
import zipfile
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from governance.copy.gather import Copy, Section
from governance.inert import inert

UNREVIEWED = "Texts nobody has looked through yet are withheld: they may speak of somebody else."


def html(copy: Copy) -> bytes:
    """A page that needs nothing else, to read on a screen or on paper."""
    context = {"copy": copy, "made_at": timezone.now(), "unreviewed": UNREVIEWED}
    return render_to_string("governance/copy_document.html", context).encode()


def as_json(copy: Copy) -> bytes:
    """Every field with its plain name, class and value."""
    content = {
        "service": copy.service.name,
        "person": copy.person.pk,
        "made_at": timezone.now().isoformat(),
        "texts_withheld": copy.withheld,
        "sections": [_as_dict(section) for section in copy.sections],
    }
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def tables(copy: Copy) -> dict[str, bytes]:
    """A CSV for each kind of row that has any, by file name."""
    return {f"{section.key}.csv": _table(section) for section in copy.sections if section.rows}


def zipped(copy: Copy) -> bytes:
    """All the tables in one file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in tables(copy).items():
            archive.writestr(name, content)
    return packed.getvalue()


def _table(section: Section) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([label for _, label in section.heads])
    writer.writerows([[inert(value) for value in line] for line in section.lines()])
    return text.getvalue().encode("utf-8-sig")


def _as_dict(section: Section) -> dict[str, Any]:
    return {
        "key": section.key,
        "title": section.title,
        "about": section.about,
        "rows": [
            {cell.name: {"label": cell.label, "class": cell.privacy, "value": cell.value} for cell in row}
            for row in section.rows
        ],
    }
