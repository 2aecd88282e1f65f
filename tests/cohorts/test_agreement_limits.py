"""What an agreement says about whom a file may be is what is stored of it."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from cohorts.actions import extract as actions
from cohorts.models import Activity, ActivityCount, ExtractStatus
from cohorts.pipeline.fields import FIELDS, PARTS
from cohorts.pipeline.limit import DROP_WORDS, Limit
from governance import data_items
from governance.actions import agreement as agreements
from governance.models import AuditEvent, Person
from governance.rules import RuleBroken
from tests.cohorts.extracts import ANN, BOB, csv_file, feed, load_rows, row
from tests.factories.governance import never_issued_nhs_number

pytestmark = pytest.mark.django_db

PEOPLE = (
    "NHS number,Name,Date of birth,A&E attendances in the last 12 months,A&E attendances in the last 3 months"
)
AS_AT = datetime.date(2026, 6, 30)


def agreed(source, **terms):
    """The source's agreement, saying this as well."""
    for name, value in terms.items():
        setattr(source.agreement, name, value)
    source.agreement.save()
    return source


def person(place, count, recent="1"):
    return f"{never_issued_nhs_number(place)},Ash Person{place},1980-05-06,{count},{recent}"


def load_people(source, *lines, header=PEOPLE, **options):
    return load_rows(source, *lines, header=header, as_at=AS_AT, **options)


def known():
    return set(Person.objects.values_list("nhs_number", flat=True))


def of(*places):
    return {never_issued_nhs_number(place) for place in places}


@pytest.fixture
def listed(service):
    """The form of the starter pack: more than 5 in 12 months, one of them in the last 3, at most 250."""
    return agreed(
        feed(service, "people"),
        threshold=5,
        threshold_operator=">",
        threshold_months=12,
        recent_months=3,
        top_n=250,
    )


def test_people_below_the_threshold_are_left_out_and_counted(listed):
    loaded = load_people(listed, person(1, 6), person(2, 5), person(3, 9), person(4, 0))
    assert known() == of(1, 3)
    assert loaded.drop_reasons == {"below_threshold": 2}
    assert (loaded.rows_read, loaded.rows_kept, loaded.rows_dropped, loaded.rows_rejected) == (4, 2, 2, 0)


def test_at_least_keeps_those_on_the_line(listed):
    agreed(listed, threshold_operator=">=")
    load_people(listed, person(1, 5), person(2, 4))
    assert known() == of(1)


def test_people_whose_last_attendance_is_too_long_ago_are_left_out(listed):
    loaded = load_people(listed, person(1, 6, "0"), person(2, 6, "2"))
    assert known() == of(2)
    assert loaded.drop_reasons == {"not_recent": 1}


def test_only_so_many_people_are_kept_those_who_attended_most_first(listed):
    agreed(listed, top_n=2)
    loaded = load_people(listed, person(1, 7), person(2, 30), person(3, 7), person(4, 8), person(5, 2))
    assert known() == of(2, 4)
    assert loaded.drop_reasons == {"beyond_top_n": 2, "below_threshold": 1}


def test_of_two_with_the_same_count_the_first_in_the_file_is_kept(listed):
    agreed(listed, top_n=1)
    load_people(listed, person(1, 7), person(2, 7))
    assert known() == of(1)


def test_a_count_that_is_not_supplied_is_not_enough_and_not_zero(listed):
    loaded = load_people(listed, person(1, "", "4"), person(2, 6, ""), person(3, 6))
    assert known() == of(3)
    assert loaded.drop_reasons == {"count_not_supplied": 1, "recency_not_supplied": 1}


def test_a_person_sent_twice_is_judged_by_the_last_row_and_goes_or_stays_whole(listed):
    loaded = load_people(listed, person(1, 9), person(1, 3), person(2, 3), person(2, 9))
    assert known() == of(2)
    assert loaded.drop_reasons == {"below_threshold": 2}
    assert ActivityCount.objects.get(window_months=12).count == 9


def test_a_list_without_the_recent_count_relies_on_the_sender_and_says_so(listed):
    header = "NHS number,Name,Date of birth,A&E attendances in the last 12 months"
    loaded = load_people(listed, f"{ANN},Ann Ash,1980-05-06,6", header=header)
    assert known() == {ANN}
    assert "Here we rely on the sender" in " ".join(loaded.remarks)


def test_a_list_without_the_agreed_count_is_refused_in_a_sentence(listed):
    agreed(listed, threshold_months=6)
    loaded = load_people(listed, person(1, 60))
    assert loaded.status == ExtractStatus.REFUSED
    assert "no column that counts over 6 months" in loaded.problem
    assert not Person.objects.exists()


def test_without_a_limit_nothing_is_left_out(service):
    loaded = load_people(feed(service, "people"), person(1, 0), person(2, 99))
    assert known() == of(1, 2)
    assert (loaded.rows_dropped, loaded.drop_reasons) == (0, {})


@pytest.fixture
def attended(service):
    return agreed(feed(service), threshold=2, threshold_months=12)


def visits(who, *days):
    return [row(f"{who}-{day}", who, on=day) for day in days]


def test_of_attendances_people_below_the_threshold_lose_all_their_rows(attended):
    loaded = load_rows(attended, *visits(ANN, "2025-09-01", "2026-03-01"), *visits(BOB, "2026-03-31"))
    assert known() == {ANN}
    assert Activity.objects.count() == 2
    assert loaded.drop_reasons == {"below_threshold": 1}


def test_attendances_are_counted_in_the_months_that_end_on_the_last_day_of_the_file(attended):
    rows = [*visits(ANN, "2025-03-31", "2026-03-01"), *visits(BOB, "2025-04-01", "2026-03-31")]
    load_rows(attended, *rows)
    assert known() == {BOB}


def test_an_attendance_sent_twice_counts_once(attended):
    loaded = load_rows(attended, *visits(ANN, "2026-03-01") * 3, *visits(BOB, "2026-03-01", "2026-03-02"))
    assert known() == {BOB}
    assert loaded.drop_reasons == {"below_threshold": 3}


def test_a_file_shorter_than_the_agreed_months_says_so(attended):
    loaded = load_rows(attended, *visits(ANN, "2026-01-01", "2026-03-01"))
    assert "People were counted in this file alone" in " ".join(loaded.remarks)


def test_recency_and_the_number_of_people_hold_for_attendances_too(service):
    source = agreed(feed(service), recent_months=1, top_n=1)
    carl = never_issued_nhs_number(9)
    rows = [
        *visits(ANN, "2026-01-01", "2026-01-02"),
        *visits(BOB, "2026-03-01"),
        *visits(carl, "2026-03-02") * 1,
    ]
    loaded = load_rows(source, *rows, row("c2", carl, on="2026-03-03"))
    assert known() == {carl}
    assert loaded.drop_reasons == {"not_recent": 2, "beyond_top_n": 1}


def test_a_source_that_leaves_people_out_no_longer_covers_everyone(attended):
    assert attended.coverage == "everyone"
    loaded = load_rows(attended, *visits(ANN, "2025-09-01", "2026-03-01"), *visits(BOB, "2026-03-31"))
    attended.refresh_from_db()
    assert attended.coverage == "listed"
    assert "tells nothing about people who are not in it" in " ".join(loaded.remarks)
    assert AuditEvent.objects.filter(event="source_coverage_narrowed").count() == 1
    load_rows(attended, *visits(ANN, "2025-09-02", "2026-03-02"))
    assert AuditEvent.objects.filter(event="source_coverage_narrowed").count() == 1


def test_a_preview_leaves_out_the_same_as_storing(listed, lead):
    upload = csv_file(person(1, 6), person(2, 5), header=PEOPLE)
    received = actions.receive(
        service=listed.service, source=listed, upload=upload, by=lead, as_at=AS_AT, ring=False
    )
    actions.check(extract=received)
    received.refresh_from_db()
    assert (received.rows_new, received.rows_dropped) == (1, 1)
    assert not Person.objects.exists()
    actions.commit(extract=received, by=lead)
    actions.store(extract=received)
    received.refresh_from_db()
    assert (received.status, received.rows_dropped) == (ExtractStatus.COMMITTED, 1)
    assert known() == of(1)


def test_a_file_of_which_nothing_is_left_cannot_be_stored(listed, lead):
    upload = csv_file(person(1, 1), header=PEOPLE)
    received = actions.receive(
        service=listed.service, source=listed, upload=upload, by=lead, as_at=AS_AT, ring=False
    )
    actions.check(extract=received)
    with pytest.raises(RuleBroken, match="No row of this file can be stored"):
        actions.commit(extract=received, by=lead)


def test_every_reason_has_words():
    assert set(DROP_WORDS) >= {"below_threshold", "not_recent", "beyond_top_n"}
    assert not Limit().applies
    assert Limit(top_n=1).applies


def test_an_agreement_can_name_every_field_each_part_by_itself():
    offered = {item.name for item in data_items.offered()}
    assert offered == {str(name) for name in FIELDS} - {str(name) for name in PARTS}
    assert data_items.label("ae_count") == "Number of A&E attendances"
    assert "does not keep it" in data_items.label("warning_flags")


# What stops a load, and what only is said about it.


def previewed(source, lead):
    received = actions.receive(
        service=source.service, source=source, upload=csv_file(row("1")), by=lead, ring=False
    )
    actions.check(extract=received)
    received.refresh_from_db()
    return received


def test_a_load_keeps_the_version_it_ran_under(service):
    source = feed(service)
    assert load_rows(source, row("1")).agreement_version == source.agreement.versions.get()


@pytest.mark.parametrize("stopped", ["draft", "suspended"])
def test_a_draft_and_a_suspended_agreement_stop_a_file_at_the_door(service, lead, stopped):
    source = feed(service)
    if stopped == "draft":
        agreed(source, standing="draft")
    else:
        agreements.suspend(agreement=source.agreement, why="We look into a breach.", by=lead)
    with pytest.raises(RuleBroken, match=stopped) as said:
        load_rows(source, row("1"))
    assert "Nothing was stored." in str(said.value)
    assert not source.extracts.exists()


def test_a_suspension_between_preview_and_storing_stops_it_and_loses_nothing(service, lead):
    source = feed(service)
    received = previewed(source, lead)
    agreements.suspend(agreement=source.agreement, why="A question is open", by=lead)
    with pytest.raises(RuleBroken, match="suspended since"):
        actions.commit(extract=received, by=lead)
    received.refresh_from_db()
    assert received.status == ExtractStatus.PREVIEWED
    agreements.lift(agreement=source.agreement, why="Answered", by=lead)
    actions.commit(extract=received, by=lead)
    actions.store(extract=received)
    assert Activity.objects.count() == 1


def test_a_suspension_while_the_rows_are_being_stored_stores_none_and_keeps_the_preview(
    service, lead, as_user
):
    source = feed(service)
    received = previewed(source, lead)
    actions.commit(extract=received, by=lead)
    agreements.suspend(agreement=source.agreement, why="A question is open", by=lead)
    actions.store(extract=received)
    received.refresh_from_db()
    assert received.status == ExtractStatus.PREVIEWED
    assert not Person.objects.exists()
    assert not Activity.objects.exists()
    body = as_user(lead).get(reverse("cohorts:extract", args=[received.pk])).content.decode()
    assert "A question is open" in body
    agreements.lift(agreement=source.agreement, why="Answered", by=lead)
    actions.commit(extract=received, by=lead)
    actions.store(extract=received)
    received.refresh_from_db()
    assert (received.status, received.problem) == (ExtractStatus.COMMITTED, "")


def test_terms_that_changed_after_the_check_are_not_gone_around(service, lead):
    source = feed(service)
    received = previewed(source, lead)
    agreement = source.agreement
    terms = agreement.terms() | {"allowed_fields": ["nhs_number", "arrived_on"]}
    agreements.revise(agreement=agreement, why="Less", by=lead, **terms)
    for party in (agreement.sharer, agreement.recipient):
        agreements.sign(
            agreement=agreement, organisation=party, name="Sam", role="SIRO", signed_on=AS_AT, by=lead
        )
    with pytest.raises(RuleBroken, match="was changed after this file was checked"):
        actions.commit(extract=received, by=lead)


def test_a_file_that_comes_too_soon_is_marked_and_can_be_stored(service):
    source = agreed(feed(service), frequency="quarterly")
    first = load_rows(source, row("1", on="2026-03-31"))
    soon = load_rows(source, row("2", on="2026-04-30"))
    assert first.remarks == []
    assert soon.status == ExtractStatus.COMMITTED
    assert "sooner than agreed (every three months)" in soon.remarks[0]


def test_a_file_in_its_time_and_a_corrected_one_are_not_marked(service):
    source = agreed(feed(service), frequency="quarterly")
    load_rows(source, row("1", on="2026-03-31"))
    assert load_rows(source, row("2", on="2026-06-30")).remarks == []
    assert load_rows(source, row("2", on="2026-06-30", site="South")).remarks == []


def test_a_review_that_is_due_and_a_missing_signature_are_said_and_stop_nothing(service):
    today = timezone.localdate()
    source = agreed(feed(service), review_on=today, standing="unchecked")
    loaded = load_rows(source, row("1"))
    assert loaded.status == ExtractStatus.COMMITTED
    assert [
        words for words in ("Nobody has signed", "was due for review") if words in " ".join(loaded.remarks)
    ] == ["Nobody has signed", "was due for review"]
