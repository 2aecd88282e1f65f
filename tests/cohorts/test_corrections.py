"""What somebody put right here is not overwritten by the next extract, and the load says so."""

import datetime

import pytest
from django.urls import reverse

from cohorts.actions import extract as actions
from cohorts.models import ExtractStatus
from governance.actions import rights
from governance.models import Person
from tests.cohorts.extracts import ANN, BOB, csv_file, feed, load_rows, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(service):
    return feed(service)


@pytest.fixture
def ann(source, ig_lead):
    load_rows(source, row("A1", on="2026-01-02"), row("B1", person=BOB, first="Bob"))
    person = Person.objects.get(nhs_number=ANN)
    rights.correct(person=person, field="last_name", value="Elm", reason="Married", by=ig_lead)
    rights.correct(person=person, field="birth_date", value="1980-06-05", reason="Passport", by=ig_lead)
    return person


def test_a_corrected_detail_stays_and_the_others_follow_the_extract(source, ann):
    extract = load_rows(source, row("A2", on="2026-03-01", first="Anna", last="Ash", born="1980-05-06"))
    ann.refresh_from_db()
    assert (ann.first_name, ann.last_name, ann.birth_date) == ("Anna", "Elm", datetime.date(1980, 6, 5))
    assert extract.people_corrected == 1


def test_somebody_elses_details_are_refreshed_as_ever(source, ann):
    extract = load_rows(source, row("B2", person=BOB, on="2026-03-01", first="Robert"))
    assert Person.objects.get(nhs_number=BOB).first_name == "Robert"
    assert extract.people_corrected == 0


def test_an_extract_that_agrees_is_no_contradiction(source, ann):
    extract = load_rows(source, row("A2", on="2026-03-01", last="Elm", born="1980-06-05"))
    assert extract.people_corrected == 0


def test_the_preview_and_its_page_say_it_before_anything_is_stored(source, ann, lead, as_user):
    extract = actions.receive(
        service=source.service,
        source=source,
        upload=csv_file(row("A2", on="2026-03-01")),
        by=lead,
        ring=False,
    )
    actions.check(extract=extract)
    extract.refresh_from_db()
    assert (extract.status, extract.people_corrected) == (ExtractStatus.PREVIEWED, 1)
    body = as_user(lead).get(reverse("cohorts:extract", args=[extract.pk])).content.decode()
    assert "Corrected details were kept" in body


def test_a_detail_corrected_to_unknown_stays_unknown(source, ann, ig_lead):
    rights.correct(person=ann, field="first_name", value="", reason="Not hers", by=ig_lead)
    load_rows(source, row("A2", on="2026-03-01", first="Ann"))
    ann.refresh_from_db()
    assert ann.first_name == ""
