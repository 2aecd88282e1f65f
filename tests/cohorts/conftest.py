"""People with attendances, for whatever makes lists of them."""

import datetime

import pytest

from tests.factories.cohorts import ActivityFactory, ExtractFactory, SourceFactory
from tests.factories.governance import PersonFactory


@pytest.fixture
def extract(service):
    return ExtractFactory(committed=True, source=SourceFactory(service=service))


@pytest.fixture
def attends(service, extract):
    """`attends(6, last="2026-06-20")` is a person with 6 attendances, a day apart, up to that day."""

    def attend(times, last="2026-06-20", person=None, **fields):
        person = person or PersonFactory(service=service)
        newest = datetime.date.fromisoformat(last)
        for day in range(times):
            ActivityFactory(
                extract=extract, person=person, started_on=newest - datetime.timedelta(days=day), **fields
            )
        return person

    return attend
