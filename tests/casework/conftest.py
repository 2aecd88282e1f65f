from pathlib import Path

import pytest

from casework.actions import instrument
from casework.models import Case, Instrument
from casework.presets import read
from governance import audit
from governance.models import Service, User
from tests.casework import preset_files
from tests.factories.casework import CapacityFactory, CaseFactory
from tests.queries import PageQueries


@pytest.fixture
def case(service: Service, link_worker: User) -> Case:
    """An open case of the link worker."""
    return CaseFactory(
        service=service,
        worker=link_worker,
        person__first_name="Marigold",
        person__last_name="Featherstone",
        person__phone="07700 900123",
    )


@pytest.fixture
def chaos(db: None) -> Instrument:
    return instrument.load()[0]


@pytest.fixture
def half_time(service: Service, link_worker: User, lead: User) -> None:
    """The link worker can carry 30 points, the lead 60."""
    CapacityFactory(service=service, worker=link_worker, contracted_hours="18.75", by=lead)
    CapacityFactory(service=service, worker=lead, by=lead)


class AuditFailed(Exception):
    """What a full disk under the audit would look like."""


@pytest.fixture
def audit_fails(monkeypatch: pytest.MonkeyPatch) -> type[Exception]:
    """The last statement of every action fails."""

    def fail(row: object) -> str:
        raise AuditFailed

    monkeypatch.setattr(audit, "sign", fail)
    return AuditFailed


@pytest.fixture
def queries() -> type[PageQueries]:
    """`with queries() as q:` counts what a page asks the database, session and sign-in included."""
    return PageQueries


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that presets are read from, with version 1 of "two" in it."""
    monkeypatch.setattr(read, "FOLDER", tmp_path)
    preset_files.write(tmp_path)
    return tmp_path
