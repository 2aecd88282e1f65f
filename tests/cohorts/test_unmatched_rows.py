"""A row without a usable NHS number is turned away, told of, and kept until it is known whose it is."""

import datetime

import pytest

from cohorts.actions import extract as extracts
from cohorts.actions import identity, undo
from cohorts.models import Activity, ActivityCount, LocalNumber, SameAnswer, UnmatchedRow
from cohorts.pipeline.fields import FIELDS
from governance.identity.compare import Likeness
from governance.models import Person
from governance.rules import RuleBroken
from tests.cohorts.extracts import ANN, BOB, csv_file, feed, load_rows
from tests.factories.governance import PersonFactory, UserFactory

pytestmark = pytest.mark.django_db
HEADER = (
    "Attendance number,NHS number,First name,Last name,Date of birth,Arrival date,Arrival time,Site,Outcome,"
    "Hospital number,Postcode"
)
COLUMNS = {"Hospital number": "local_number", "Postcode": "postcode"}
ONE_SLIP = "9990000027"  # Ann's number with its last digit mistaken


def row(key, person=ANN, local="", on="2026-01-02", first="Ann", last="Ash", born="1980-05-06", postcode=""):
    return f"{key},{person},{first},{last},{born},{on},10:30,North,Admitted,{local},{postcode}"


def trust(service, **options):
    source = feed(service, **options)
    source.columns = {**source.columns, **COLUMNS}
    source.save()
    return source


def load(source, *lines, **options):
    return load_rows(source, *lines, header=HEADER, **options)


@pytest.fixture
def source(service):
    return trust(service)


@pytest.fixture
def lead():
    return UserFactory()


@pytest.mark.parametrize("number", ["", "1234567890", "9999999999", ONE_SLIP, "99900", "n/k", "9.99E+09"])
def test_a_row_that_only_lacks_a_number_is_rejected_in_a_sentence_and_kept(source, number):
    extract = load(source, row("a1", number), row("a2", BOB, first="Bob"))
    assert (extract.rows_rejected, extract.rows_kept) == (1, 1)
    kept = UnmatchedRow.objects.get()
    assert (kept.person, kept.first_name, kept.last_name) == (None, "Ann", "Ash")
    assert kept.birth_date == datetime.date(1980, 5, 6)
    assert kept.content == {
        "key": "a1", "started_on": "2026-01-02", "started_at_time": "10:30:00", "site": "North",
        "disposal": kept.content["disposal"], "admitted": "t",
    }  # fmt: skip
    assert not Person.objects.filter(first_name="Ann").exists()


def test_only_a_number_of_ten_digits_is_kept_as_a_clue(source):
    load(source, row("a1", ONE_SLIP), row("a2", "99900"), row("b1", BOB))
    assert sorted(UnmatchedRow.objects.values_list("sent_number", flat=True)) == ["", ONE_SLIP]


@pytest.mark.parametrize(
    "line",
    [
        row("a1", "", on="31/02/2026"),  # wrong in another way as well
        row("a1", "", last="", first="Ann", born=""),  # tells nobody who it is about
        row("a1", "", born=""),  # a name alone is shared by too many
    ],
)
def test_a_row_of_no_use_is_only_rejected(source, line):
    assert load(source, line, row("b1", BOB)).rows_rejected == 1
    assert not UnmatchedRow.objects.exists()


def test_what_the_agreement_does_not_name_is_not_kept_of_it(service):
    allowed = [str(name) for name in FIELDS if name not in ("birth_date", "postcode", "local_number")]
    source = trust(service, allowed=allowed)
    load(source, row("a1", "", local="H7", postcode="PL1 1AA"), row("b1", BOB))
    assert not UnmatchedRow.objects.exists()
    assert not LocalNumber.objects.exists()


def test_an_agreement_that_leaves_people_out_keeps_no_row_of_nobody(source):
    source.agreement.threshold, source.agreement.threshold_months = 1, 12
    source.agreement.threshold_operator = ">="
    source.agreement.save()
    load(source, row("a1", "", local="H7"), row("b1", BOB))
    assert not UnmatchedRow.objects.exists()


def test_a_local_number_that_is_none_does_no_harm(source):
    extract = load(source, row("a1", local="7" * 65), row("b1", BOB, local="unknown"))
    assert (extract.rows_kept, extract.rows_rejected) == (2, 0)
    assert not LocalNumber.objects.exists()


def test_the_same_rows_again_change_nothing(source):
    load(source, row("a1", ""), row("b1", BOB))
    load(source, row("b1", BOB), row("a1", ""), row("b2", BOB))
    assert UnmatchedRow.objects.count() == 1


def test_a_preview_keeps_no_row_and_storing_it_does(source):
    upload = csv_file(row("a1", ""), row("b1", BOB), header=HEADER)
    extract = extracts.receive(service=source.service, source=source, upload=upload, by=None, ring=False)
    extracts.check(extract=extract)
    assert not UnmatchedRow.objects.exists()
    extract.refresh_from_db()
    extracts.commit(extract=extract, by=None)
    extracts.store(extract=extract)
    assert UnmatchedRow.objects.count() == 1


@pytest.mark.parametrize("together", [True, False])
def test_a_known_local_number_says_whose_a_row_is(source, together):
    known, unknown = row("a1", ANN, local="H7"), row("a2", "", local="H7", on="2026-01-09")
    for lines in [(known, unknown)] if together else [(known,), (unknown, row("b1", BOB))]:
        extract = load(source, *lines)
    ann = Person.objects.get(nhs_number=ANN)
    assert UnmatchedRow.objects.get().person == ann
    assert ann.activities.count() == 2
    assert extract.rows_rejected == 1


def test_a_local_number_learnt_later_finds_a_row_that_waited(source):
    load(source, row("a2", "", local="H7"), row("b1", BOB))
    assert UnmatchedRow.objects.get().person is None
    load(source, row("a1", ANN, local="H7", on="2026-02-02"))
    assert UnmatchedRow.objects.get().person.nhs_number == ANN
    assert Activity.objects.filter(person__nhs_number=ANN).count() == 2


def test_a_local_number_of_two_people_or_of_another_trust_says_nothing(service, source):
    load(
        source, row("a1", ANN, local="H7"), row("b1", BOB, local="H7", first="Bob"), row("x", "", local="H7")
    )
    load(trust(service, slug="elsewhere"), row("c1", BOB, local="H9"), row("y", "", local="H9"))
    load(source, row("z", "", local="H9"), row("b2", BOB))
    matched = UnmatchedRow.objects.exclude(person=None)
    assert [each.content["key"] for each in matched] == ["y"]


def test_a_local_number_that_was_given_again_says_nothing(source):
    load(source, row("a1", ANN, local="H7"), row("x", "", local="H7", born="2001-01-01"))
    assert UnmatchedRow.objects.get().person is None


def test_the_row_that_comes_again_with_its_number_is_the_same_event(source):
    """Without an attendance number, the event is named by whom, when and where."""
    load(source, row("", ANN, local="H7", on="2026-01-01"), row("", "", local="H7"))
    load(source, row("", ANN, local="H7"))
    assert Activity.objects.count() == 2


def test_a_decision_gives_all_rows_of_somebody_and_teaches_the_local_number(source, lead):
    ann = PersonFactory(service=source.service, nhs_number=ANN, birth_date=datetime.date(1980, 5, 6))
    load(source, row("a1", "", local="H7"), row("a2", "", local="H7", on="2026-01-09"), row("b1", BOB))
    handle = UnmatchedRow.objects.values_list("handle", flat=True).distinct().get()
    done = identity.rows_are_of(
        service=source.service, handle=handle, person=ann, likeness=Likeness(), by=lead
    )
    assert len(done) == ann.activities.count() == 2
    load(source, row("a3", "", local="H7", on="2026-02-01"), row("b2", BOB))
    assert ann.activities.count() == 3
    assert LocalNumber.objects.get(number="H7").person == ann
    with pytest.raises(RuleBroken, match="matched meanwhile"):
        identity.rows_are_of(service=source.service, handle=handle, person=ann, likeness=Likeness(), by=lead)


def test_different_holds_for_good_also_against_a_local_number(source, lead):
    load(source, row("a1", "", local="H7"), row("b1", BOB))
    ann, handle = PersonFactory(service=source.service, nhs_number=ANN), UnmatchedRow.objects.get().handle
    told = {"service": source.service, "person": ann, "handle": handle, "likeness": Likeness(), "by": lead}
    identity.answer(answer=SameAnswer.DIFFERENT, **told)
    load(source, row("a2", ANN, local="H7"))
    assert UnmatchedRow.objects.get().person is None
    with pytest.raises(RuleBroken, match="different people"):
        identity.answer(answer=SameAnswer.LATER, **told)
    told["handle"] = handle
    with pytest.raises(RuleBroken, match="different people"):
        identity.rows_are_of(**told)


def test_rows_of_a_list_of_people_become_counts(service, lead):
    source = feed(service, profile="people")
    header = "NHS number,Name,Date of birth,A&E attendances in the last 12 months"
    lines = (",Ann Ash,1980-05-06,7", f"{BOB},Bob Birch,1970-01-01,9")
    load_rows(source, *lines, header=header, as_at=datetime.date(2026, 3, 31))
    ann = PersonFactory(service=service, nhs_number=ANN)
    handle = UnmatchedRow.objects.get().handle
    identity.rows_are_of(service=service, handle=handle, person=ann, likeness=Likeness(), by=lead)
    assert ActivityCount.objects.get(person=ann).count == 7


def test_a_row_that_waited_never_changes_what_a_newer_extract_says(source):
    load(source, row("a1", "", local="H7"), row("b1", BOB))
    newer = load(source, row("a1", ANN, local="H7", on="2026-02-02"))
    assert UnmatchedRow.objects.get().person.nhs_number == ANN
    stored = Activity.objects.get(person__nhs_number=ANN)
    assert (str(stored.started_on), stored.extract) == ("2026-02-02", newer)


PEOPLE = "NHS number,Name,Date of birth,A&E attendances in the last 12 months,Hospital number"


def people_list(service):
    source = feed(service, profile="people")
    source.columns = {**source.columns, "Hospital number": "local_number"}
    source.save()
    return source


def load_people(source, *lines):
    return load_rows(source, *lines, header=PEOPLE, as_at=datetime.date(2026, 3, 31))


def test_a_row_of_counts_never_replaces_a_count_of_the_same_list(service, lead):
    load_people(people_list(service), f"{ANN},Ann Ash,1980-05-06,10,H7", ",Ann Ash,1980-05-06,3,H7")
    ann = Person.objects.get(nhs_number=ANN)
    waiting = UnmatchedRow.objects.get()
    assert (ActivityCount.objects.get(person=ann).count, waiting.person) == (10, None)
    told = {"service": service, "handle": waiting.handle, "likeness": Likeness(), "by": lead}
    with pytest.raises(RuleBroken, match="already has counts in the same list"):
        identity.rows_are_of(person=ann, **told)
    assert ActivityCount.objects.get(person=ann).count == 10


@pytest.mark.parametrize(
    "details, then, holds",
    [
        ({"first": "", "born": "", "postcode": "PL1 1AA"}, {}, False),  # a whole family
        ({}, {}, True),
        ({"local": "H7"}, {"first": "Anna"}, True),
        ({"local": "H7"}, {"born": "2001-01-01"}, False),  # given again
    ],
)
def test_a_decision_holds_for_later_rows_only_where_they_tell_enough(source, lead, details, then, holds):
    ann = PersonFactory(service=source.service, nhs_number=ANN, birth_date=datetime.date(1980, 5, 6))
    load(source, row("a1", "", **details), row("b1", BOB))
    told = {"service": source.service, "likeness": Likeness(), "by": lead}
    identity.rows_are_of(handle=UnmatchedRow.objects.get().handle, person=ann, **told)
    load(source, row("a2", "", **details | then), row("b2", BOB))
    assert UnmatchedRow.objects.get(content__key="a2").person == (ann if holds else None)


def take_back(extract):
    undo.ask(extract=extract, by=None, ring=False)
    undo.take_back(extract=extract)
    extract.refresh_from_db()
    assert extract.status == "undone", extract.problem


def test_rows_wait_again_when_what_told_whose_they_are_is_undone(source):
    first = load(source, row("a1", "", local="H7"), row("b1", BOB))
    second = load(source, row("a2", ANN, local="H7", on="2026-02-02"))
    assert Activity.objects.filter(person__nhs_number=ANN).count() == 2
    take_back(second)
    assert UnmatchedRow.objects.get().person is None
    assert [each.person.nhs_number for each in Activity.objects.all()] == [BOB]
    assert not Person.objects.filter(nhs_number=ANN).exists()
    take_back(first)
    assert not Person.objects.exists()


def test_an_event_that_was_there_already_stays_when_its_row_waits_again(source):
    load(source, row("a1", ANN), row("a1", "", local="H7"))
    second = load(source, row("a2", ANN, local="H7", on="2026-02-02"))
    assert UnmatchedRow.objects.get().person.nhs_number == ANN
    take_back(second)
    assert UnmatchedRow.objects.get().person is None
    assert Activity.objects.get().person.nhs_number == ANN


def test_counts_wait_again_when_what_told_whose_they_are_is_undone(service):
    source = people_list(service)
    load_people(source, f"{BOB},Bob Birch,1970-01-01,9,", ",Ann Ash,1980-05-06,3,H7")
    line = f"{ANN},Ann Ash,1980-05-06,4,H7"
    second = load_rows(source, line, header=PEOPLE, as_at=datetime.date(2026, 4, 30))
    assert ActivityCount.objects.filter(person__nhs_number=ANN).count() == 2
    take_back(second)
    assert UnmatchedRow.objects.get().person is None
    assert ActivityCount.objects.get().person.nhs_number == BOB


def test_an_undo_takes_the_rows_and_what_they_taught(source):
    extract = load(source, row("a1", ANN, local="H7"), row("a2", "", local="H7"), row("a3", "", last="Elm"))
    take_back(extract)
    for model in (UnmatchedRow, LocalNumber, Activity, Person):
        assert not model.objects.exists()
