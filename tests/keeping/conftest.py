"""A small database of its own with one of everything, so that dumps see what is committed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

PASSPHRASE = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKUP_PASSPHRASE", PASSPHRASE)


@pytest.fixture(scope="module")
def committed(django_db_setup: None, django_db_blocker: Any, prepared: str) -> Iterator[str]:
    """A database of its own that holds a small world, and the name of it; the connection is left there."""
    from hiu.keeping.place import as_owner, scratch
    from tests.keeping.world import fill_world
    from tests.prepared import copied_from, dropped

    with django_db_blocker.unblock():
        at_home = connection.settings_dict["NAME"]
        with scratch(as_owner(), "keeping") as place:
            connection.close()
            connection.settings_dict["NAME"] = place.name
            try:
                dropped(place.name)
                copied_from(prepared, place.name)
                fill_world()
                yield place.name
            finally:
                connection.close()
                connection.settings_dict["NAME"] = at_home


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    (folder / "extracts").mkdir()
    (folder / "extracts/one").write_text("NHS number,Arrival date\n9990000018,2026-01-05\n")
    (folder / "extracts/two").write_bytes(bytes(range(256)) * 40)
    return folder
