"""What loading stores: each attendance once, each person once, in one transaction or not at all."""

import datetime
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohorts.actions import extract as actions
from cohorts.models import Activity, ActivityCount, Extract, ExtractStatus
from cohorts.pipeline.problems import Unreadable
from cohorts.synthetic import make_extract
from governance import audit
from governance.models import AuditEvent, Person
from tests.cohorts.extracts import ANN, BOB, HEADER, csv_file, feed, load_path, load_rows, row
from tests.cohorts.pipeline import shared
from tests.factories.cohorts import ActivityFactory, ExtractFactory
from tests.factories.governance import PersonFactory

pytestmark = pytest.mark.django_db


def counts(extract):
    return (extract.rows_new, extract.rows_changed, extract.rows_duplicate, extract.rows_rejected)


def stored():
    """Everything a load can change, in an order of its own."""
    rows = Activity.objects.order_by("pk").values_list(
        "pk", "person__nhs_number", "started_on", "site", "admitted"
    )
    people = Person.objects.order_by("nhs_number").values_list("nhs_number", "last_name", "birth_date")
    return list(rows), list(people)


def test_rows_become_activity_of_people(service):
    extract = load_rows(feed(service), row("A1"), row("A2", BOB, first="Bob", end="Went home"))
    assert (extract.status, counts(extract)) == ("committed", (2, 0, 0, 0))
    assert (extract.people_new, extract.people_matched) == (2, 0)
    assert extract.committed_at is not None
    event = Activity.objects.get(person__nhs_number=ANN)
    assert (event.started_on, event.started_at_time) == (datetime.date(2026, 1, 2), datetime.time(10, 30))
    assert (event.site, event.disposal, event.admitted, event.measure) == ("North", "Admitted", True, "ae")
    assert event.extract == extract
    assert (event.arrival_mode, event.duration_minutes, event.cost) == ("", None, None)
    ann = event.person
    assert (ann.first_name, ann.birth_date, ann.service) == ("Ann", datetime.date(1980, 5, 6), service)


def test_the_same_rows_in_another_file_change_nothing(service):
    source = feed(service)
    load_rows(source, row("A1"), row("A2"))
    before = stored()
    again = load_rows(source, row("A2"), row("A1"))
    assert counts(again) == (0, 0, 2, 0)
    assert (again.people_new, again.people_matched) == (0, 1)
    assert stored() == before


def test_a_changed_row_is_changed_and_counted_as_one(service):
    source = feed(service)
    load_rows(source, row("A1"), row("A2"))
    again = load_rows(source, row("A1", site="South"), row("A2"), row("A3"))
    assert counts(again) == (1, 1, 1, 0)
    assert sorted(Activity.objects.values_list("site", flat=True)) == ["North", "North", "South"]
    assert Activity.objects.get(site="South").extract == again


def renumbered_file(known, moved):
    """Rows for a first file, and the same numbers again, some of them Bob's now."""
    first = [row(f"A{n}") for n in range(known)]
    return first, [row(f"A{n}", BOB if n < moved else ANN) for n in range(known)]


def test_numbers_that_stand_for_other_people_now_are_refused_and_nothing_is_lost(service):
    source = feed(service)
    first, again = renumbered_file(40, 11)
    load_rows(source, *first)
    before = stored()
    refused = load_rows(source, *again)
    assert refused.status == ExtractStatus.REFUSED
    assert "11 of the 40 attendance numbers" in refused.problem
    assert stored() == before


def test_a_few_attendances_of_somebody_else_are_a_correction(service):
    source = feed(service)
    first, again = renumbered_file(40, 4)
    load_rows(source, *first)
    assert counts(load_rows(source, *again)) == (0, 4, 36, 0)


@pytest.mark.parametrize("moved, status", [(4, ExtractStatus.PREVIEWED), (11, ExtractStatus.REFUSED)])
def test_the_preview_says_how_many_belong_to_somebody_else(service, lead, moved, status):
    source = feed(service)
    first, again = renumbered_file(40, moved)
    load_rows(source, *first)
    extract = actions.receive(service=service, source=source, upload=csv_file(*again), by=lead)
    actions.check(extract=extract)
    extract.refresh_from_db()
    assert extract.status == status
    assert (f"{moved} attendances belong to somebody else" in " ".join(extract.remarks)) is (moved == 4)


def test_a_row_twice_in_a_file_is_stored_once_and_the_last_one_counts(service):
    extract = load_rows(feed(service), row("A1", site="North"), row("A1", site="South"), row("A2"), row("A2"))
    assert counts(extract) == (2, 0, 2, 0)
    assert set(Activity.objects.values_list("site", flat=True)) == {"North", "South"}


def test_two_sources_may_use_the_same_attendance_numbers(service):
    load_rows(feed(service, slug="one"), row("A1"))
    other = load_rows(feed(service, slug="two"), row("A1"))
    assert counts(other) == (1, 0, 0, 0)
    assert Person.objects.count() == 1


def test_two_services_never_share_a_person(service, neighbour):
    load_rows(feed(service), row("A1"))
    extract = load_rows(feed(neighbour), row("A1"))
    assert (extract.people_new, extract.people_matched) == (1, 0)
    assert Person.objects.filter(nhs_number=ANN).count() == 2


def test_newer_rows_bring_details_up_to_date_and_older_ones_only_fill_gaps(service):
    source = feed(service)
    load_rows(source, row("A1", on="2026-03-01", last="Ash"))
    load_rows(source, row("A2", on="2026-04-01", last="Birch"))
    load_rows(source, row("A3", on="2025-01-01", last="Old", first=""))
    ann = Person.objects.get()
    assert (ann.first_name, ann.last_name) == ("Ann", "Birch")
    Person.objects.update(first_name="")
    load_rows(source, row("A4", on="2025-02-01", last="Older", first="Annie"))
    ann.refresh_from_db()
    assert (ann.first_name, ann.last_name) == ("Annie", "Birch")


def test_blank_cells_never_wipe_what_is_known(service):
    source = feed(service)
    load_rows(source, row("A1"))
    load_rows(source, row("A2", on="2026-05-01", first="", last="", born=""))
    ann = Person.objects.get()
    assert (ann.first_name, ann.last_name, ann.birth_date) == ("Ann", "Ash", datetime.date(1980, 5, 6))


def test_pseudonyms_belong_to_whoever_gave_them(service):
    header = "Health Service ID,Arrival Time,Age,Hospital"
    one, two = feed(service, "odi_hospital_ae", "one"), feed(service, "odi_hospital_ae", "two")
    for source in (one, two):
        load_rows(source, "0042,2026-01-02 03:04:05,37,North", header=header)
    people = Person.objects.order_by("pk")
    assert [(p.pseudonym, p.nhs_number) for p in people] == [("0042", None), ("0042", None)]
    assert {p.pseudonym_issuer for p in people} == {one.organisation, two.organisation}
    assert [(p.stated_age, p.stated_age_on) for p in people] == [(37, datetime.date(2026, 1, 2))] * 2


PEOPLE = "NHS number,Name,A&E attendances in the last 12 months,A&E attendances in the last 3 months"


def test_counts_of_people_are_stored_with_their_window_and_day(service):
    extract = load_rows(
        feed(service, "people"), f"{ANN},Ann Ash,12,3", f"{BOB},Bob Birch,7,", header=PEOPLE,
        as_at=datetime.date(2026, 6, 30),
    )  # fmt: skip
    found = ActivityCount.objects.order_by("person__nhs_number", "-window_months")
    assert list(found.values_list("person__nhs_number", "measure", "window_months", "count")) == [
        (ANN, "ae", 12, 12),
        (ANN, "ae", 3, 3),
        (BOB, "ae", 12, 7),
    ]
    assert {c.as_at for c in found} == {datetime.date(2026, 6, 30)}
    assert (counts(extract), extract.people_new) == ((2, 0, 0, 0), 2)


def test_a_list_sent_again_for_the_same_day_changes_only_what_differs(service):
    source = feed(service, "people")
    as_at = datetime.date(2026, 6, 30)
    load_rows(source, f"{ANN},Ann Ash,12,3", f"{BOB},Bob Birch,7,1", header=PEOPLE, as_at=as_at)
    again = load_rows(source, f"{ANN},Ann Ash,13,3", f"{BOB},Bob Birch,7,1", header=PEOPLE, as_at=as_at)
    assert counts(again) == (0, 1, 1, 0)
    later = load_rows(source, f"{ANN},Ann Ash,13,3", header=PEOPLE, as_at=datetime.date(2026, 7, 31))
    assert counts(later) == (1, 0, 0, 0)
    assert ActivityCount.objects.count() == 6


def test_text_with_backslashes_and_quotes_is_stored_as_written(service):
    load_rows(feed(service), row("A1", site=r"N\orth \N"), row("A2", site='"say ""no"""'))
    assert sorted(Activity.objects.values_list("site", flat=True)) == [r"N\orth \N", 'say "no"']


def test_what_the_agreement_does_not_name_is_not_stored_and_said(service):
    allowed = ["nhs_number", "attendance_id", "arrived_on"]
    extract = load_rows(feed(service, allowed=allowed), row("A1"))
    assert extract.columns_dropped == [
        "First name",
        "Last name",
        "Date of birth",
        "Arrival time",
        "Site",
        "Outcome",
    ]
    event = Activity.objects.get()
    assert (event.site, event.started_at_time, event.admitted) == ("", None, None)
    assert event.person.last_name == ""


def test_a_messy_file_is_counted_as_it_was_spoilt(service, tmp_path):
    made = make_extract(rows=600, seed=4, messy=True)
    made.write(tmp_path / "messy.csv")
    extract = load_path(feed(service), tmp_path / "messy.csv")
    defects = dict(made.defects)
    assert extract.rows_duplicate == defects.pop("duplicate_row")
    assert extract.reject_reasons == defects
    assert extract.rows_read == 600 == extract.rows_kept + extract.rows_duplicate + extract.rows_rejected
    assert extract.rows_kept == Activity.objects.count()


def test_rejected_rows_can_be_sent_back_with_their_reasons(service):
    extract = load_rows(feed(service), row("A1"), row("A2", "12", site='"=HYPERLINK(""x"")"'))
    lines = Path(extract.file.storage.path(extract.rejects_file)).read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("Row,Why it was rejected,Attendance number,NHS number,")
    assert lines[1].startswith("3,Row 3: this NHS number does not have 10 digits.,A2,12,")
    assert "\"'=HYPERLINK(" in lines[1]
    assert extract.reject_examples[0]["row"] == 3


def test_the_checked_rows_are_gone_once_they_are_stored_and_the_upload_stays(service):
    extract = load_rows(feed(service), row("A1"))
    folder = Path(extract.file.path).parent
    assert [path.name for path in folder.iterdir()] == [Path(extract.file.path).name]
    assert extract.checked_file == ""


def test_nothing_is_stored_when_the_audit_fails(service, monkeypatch):
    source = feed(service)

    def fail(event, **kwargs):
        if event == "extract_committed":
            raise RuntimeError("the audit is full")
        return audit.record(event, **kwargs)

    monkeypatch.setattr(actions.audit, "record", fail)
    with pytest.raises(RuntimeError):
        load_rows(source, row("A1"))
    assert stored() == ([], [])


def test_storing_is_on_record_with_counts_and_no_names(service):
    load_rows(feed(service), row("A1"))
    events = AuditEvent.objects.order_by("number").values_list("event", flat=True)
    assert list(events)[-2:] == ["extract_received", "extract_committed"]
    changes = AuditEvent.objects.get(event="extract_committed").changes
    assert changes["rows_new"] == 1
    assert "Ann" not in str(changes)


@pytest.mark.parametrize(
    "content, says",
    [
        (b"", "This file is empty."),
        (b"%PDF-1.4", "a PDF document"),
        (b"a,b,c\n1,2,3\n", "no column for the NHS number"),
        (b"NHS number,Arrival date\n", "a heading row but no rows under it"),
        (b'NHS number,Arrival date\n9990000026,"2026-01-02\n', "Row 2: the quote mark is not closed."),
    ],
)
def test_a_file_of_no_use_is_refused_in_a_sentence_and_leaves_nothing(
    service, settings, django_capture_on_commit_callbacks, content, says
):
    source = feed(service)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            upload = ContentFile(content, "x.csv")
            extract = actions.load(service=service, source=source, upload=upload, by=None)
        problem = extract.problem
    except Unreadable as refusal:
        problem = refusal.sentence
    assert says in problem
    assert stored() == ([], [])
    assert not Extract.objects.exclude(status="refused").exists()
    assert [p for p in Path(settings.MEDIA_ROOT).rglob("*") if p.is_file()] == []


def test_activity_must_point_at_rows_that_are_there(service):
    extract = ExtractFactory(committed=True, source__service=service)
    ann = PersonFactory(service=service)
    ActivityFactory(extract=extract, person=ann)
    with pytest.raises(IntegrityError, match="person of its own service"), transaction.atomic():
        ActivityFactory(extract=extract, person=PersonFactory())
    with pytest.raises(IntegrityError, match="extract of its own source"), transaction.atomic():
        ActivityFactory(extract=extract, person=ann, source_id=extract.source_id + 1)
    with pytest.raises(IntegrityError, match="person of its own service"), transaction.atomic():
        Activity.objects.update(person_id=0)


def test_the_artificial_hes_file_loads_with_the_shipped_profile(service):
    path = shared("ed_artificial_hes_ae/artificial_hes_ae_0708_part.csv")
    source = feed(service, "hes_ae")
    extract = load_path(source, path)
    assert (extract.rows_kept, extract.people_new, extract.rows_rejected) == (519, 337, 0)
    sizes = "SELECT count(*) FROM (SELECT FROM cohorts_activity GROUP BY person_id HAVING count(*) >= %s) p"
    with connection.cursor() as cursor:
        found = [cursor.execute(sizes, [least]).fetchone()[0] for least in (3, 4, 5, 6, 10)]
    assert found == [30, 12, 6, 4, 1]
    assert (extract.period_from, extract.period_to) == (datetime.date(2007, 4, 1), datetime.date(2008, 3, 31))


attendances = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from([ANN, BOB]), st.sampled_from(["North", "South"])),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(attendances)
def test_the_same_extract_twice_changes_nothing_whatever_is_in_it(service, lines):
    with transaction.atomic():
        source = feed(service, slug=f"again-{Extract.objects.count()}")
        text = [row(f"A{key}", person, site=site) for key, person, site in lines]
        first = load_rows(source, *text)
        before = stored()
        again = load_rows(source, *text, name="again.csv", header=HEADER.replace("Site", " Site "))
        assert first.rows_new == len({key for key, _, _ in lines})
        assert counts(again)[:2] == (0, 0)
        assert stored() == before
        transaction.set_rollback(True)


def test_two_bytewise_equal_files_are_one_extract(service, lead):
    source = feed(service)
    first = actions.receive(service=service, source=source, upload=csv_file(row("A1")), by=lead)
    second = actions.receive(
        service=service, source=source, upload=csv_file(row("A1"), name="b.csv"), by=lead
    )
    assert first == second
    assert Extract.objects.count() == 1
