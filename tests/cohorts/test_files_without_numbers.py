"""A file in which no row has a usable NHS number: kept, flagged, unmatched, and not lost."""

import pytest
from django.urls import reverse

from cohorts.actions import extract as extracts
from cohorts.models import Activity, UnmatchedRow
from governance.models import Person
from governance.roles import Role
from governance.rules import RuleBroken
from tests.cohorts.extracts import BOB, csv_file
from tests.cohorts.test_unmatched_rows import HEADER, load, row, trust
from tests.factories.governance import MembershipFactory
from tests.signed_in import signed_in

pytestmark = pytest.mark.django_db
NONE = [row("a1", ""), row("a2", "", last="Elm", on="2026-01-09")]
# What is there in another column, where somebody chose the wrong one.
WRONG = [row("a1", "H12345"), row("a2", "H99", last="Elm")]


@pytest.fixture
def source(service):
    return trust(service)


@pytest.fixture
def lead(service):
    return signed_in(MembershipFactory(service=service, role=Role.HIU_LEAD).user)


def previewed(source, *lines):
    upload = csv_file(*lines, header=HEADER)
    extract = extracts.receive(service=source.service, source=source, upload=upload, by=None, ring=False)
    extracts.check(extract=extract)
    extract.refresh_from_db()
    assert extract.status == "previewed", extract.problem
    return extract


def page_of(lead, extract):
    return lead.get(reverse("cohorts:extract", args=[extract.pk])).content.decode()


def test_all_its_rows_wait_once_it_is_stored(source, lead):
    extract = previewed(source, *NONE)
    page = page_of(lead, extract)
    assert "No row of this file has a usable NHS number. 2 rows say whom they are about" in page
    assert "nobody of this file comes onto a list" in page
    assert "Keep these rows unmatched" in page
    assert "wrong column" not in page
    extracts.commit(extract=extract, by=None)
    extracts.store(extract=extract)
    extract.refresh_from_db()
    assert (extract.status, extract.rows_kept, extract.rows_unmatched) == ("committed", 0, 2)
    assert UnmatchedRow.objects.filter(person=None).count() == 2
    assert not Person.objects.exists()
    assert not Activity.objects.exists()
    assert "say whose the rows without an NHS number are" in page_of(lead, extract)


def test_a_file_loaded_without_a_preview_waits_too(source):
    extract = load(source, *NONE)
    assert (extract.status, extract.rows_unmatched) == ("committed", 2)
    assert extract.period_to is None
    load(source, row("b1", BOB))
    assert load(source, *NONE, row("b2", BOB)).rows_unmatched == 2
    assert UnmatchedRow.objects.count() == 2


def test_a_column_chosen_wrongly_is_told_apart(source, lead):
    page = page_of(lead, previewed(source, *WRONG))
    assert "filled in 2 rows, and with nothing that can be one. It may be the wrong column" in page


def test_where_the_agreement_leaves_people_out_nothing_can_be_kept(source, lead):
    agreement = source.agreement
    agreement.threshold, agreement.threshold_months, agreement.threshold_operator = 1, 12, ">="
    agreement.save()
    extract = previewed(source, *NONE)
    page = page_of(lead, extract)
    assert "none of them is kept" in page
    assert "Keep these rows unmatched" not in page
    with pytest.raises(RuleBroken, match="No row of this file can be stored"):
        extracts.commit(extract=extract, by=None)


def test_rows_that_tell_nothing_of_whom_they_are_about_are_not_kept(source):
    extract = previewed(source, row("a1", "", first="", last="", born=""))
    assert extract.rows_unmatched == 0
    with pytest.raises(RuleBroken, match="No row of this file can be stored"):
        extracts.commit(extract=extract, by=None)


def test_a_preview_says_how_many_of_the_rows_will_wait(source, lead):
    page = page_of(lead, previewed(source, *NONE, row("b1", BOB)))
    assert "2 of them only lack a usable NHS number" in page
    assert "until then nobody is on a list by them" in page
    assert "No row of this file" not in page
