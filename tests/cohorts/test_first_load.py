"""The way of the first load stores exactly what the general way stores, and leaves the tables as they were."""

import polars as pl
import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction

from cohorts.actions import extract as actions
from cohorts.actions import extract_work
from cohorts.models import Activity
from cohorts.pipeline import direct
from cohorts.synthetic import make_extract
from governance.models import Person, RowChange
from tests.cohorts.extracts import ANN, BOB, feed, load_path, load_rows, row
from tests.factories.governance import PersonFactory

pytestmark = pytest.mark.django_db

EVENT = (
    "person__nhs_number", "person__pseudonym", "measure", "started_on", "started_at_time", "age", "arrival_mode",
    "attendance_category", "site", "complaint", "disposal", "admitted", "duration_minutes", "cost",
)  # fmt: skip
PERSON = (
    "nhs_number", "pseudonym", "first_name", "last_name", "birth_date", "stated_age", "stated_age_on", "sex",
    "ethnicity", "address", "postcode", "phone", "gp_practice", "communication_needs",
)  # fmt: skip
COUNTS = (
    "rows_read",
    "rows_new",
    "rows_changed",
    "rows_duplicate",
    "rows_rejected",
    "people_new",
    "people_matched",
)


def shape_of_the_tables():
    """Every index, key and trigger of the two tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename IN ('cohorts_activity', 'governance_person') UNION ALL"
            " SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint"
            "  WHERE conrelid IN ('cohorts_activity'::regclass, 'governance_person'::regclass) UNION ALL"
            " SELECT tgname || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal"
            "  AND tgrelid IN ('cohorts_activity'::regclass, 'governance_person'::regclass) ORDER BY 1"
        )
        return cursor.fetchall()


def walls_stand():
    """Whether row-level security is on for both tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(relrowsecurity) FROM pg_class"
            " WHERE oid IN ('cohorts_activity'::regclass, 'governance_person'::regclass)"
        )
        return cursor.fetchone()[0]


def stored():
    events = Activity.objects.order_by(
        "person__nhs_number", "person__pseudonym", "started_on", "started_at_time", "site", "disposal"
    )
    people = Person.objects.order_by("nhs_number", "pseudonym")
    return sorted(map(str, events.values_list(*EVENT))), list(people.values_list(*PERSON))


@pytest.fixture
def first(monkeypatch):
    """Takes the way of a first load for files of any size; says how often it was really taken."""
    taken = []
    begin = direct.begin

    def listening(cursor):
        taken.append(begin(cursor))
        return taken[-1]

    monkeypatch.setattr(direct, "begin", listening)
    monkeypatch.setattr(extract_work, "BIG_BYTES", 0)
    return taken


def both_ways(service, neighbour, monkeypatch, load, profile="attendances"):
    """What is stored, and the counts: the way of the first load, then the general way in a fresh service."""
    results = []
    for one, size in ((service, 0), (neighbour, 10**12)):
        monkeypatch.setattr(extract_work, "BIG_BYTES", size)
        extract = load(feed(one, profile))
        events, people = stored()
        results.append(
            (
                events,
                people,
                [getattr(extract, name) for name in COUNTS],
                set(Activity.objects.values_list("pk", flat=True)),
            )
        )
        Activity.objects.all().delete()
        Person.objects.all().delete()
    return results


def test_both_ways_store_the_same_of_a_messy_file(service, neighbour, first, monkeypatch, tmp_path):
    made = make_extract(rows=1500, seed=6, messy=True)
    made.write(tmp_path / "messy.csv")
    one, other = both_ways(
        service, neighbour, monkeypatch, lambda source: load_path(source, tmp_path / "messy.csv")
    )
    assert first == [True]
    assert one[:3] == other[:3]
    assert one[2][3] == made.defects["duplicate_row"]


def test_both_ways_store_the_same_where_rows_are_repeated_and_details_change(
    service, neighbour, first, monkeypatch
):
    from cohorts.pipeline import delimited, read

    monkeypatch.setattr(delimited, "BLOCK_BYTES", 60)
    monkeypatch.setattr(read, "_HEAD_BYTES", 60)
    lines = [
        row("A1", ANN, "2026-01-05", last="Newest"),
        row("A2", ANN, "2026-01-02", last="Older"),
        row("A3", BOB, "2026-01-02", last="First", born=""),
        row("A3", BOB, "2026-01-02", last="First", born="", site="Corrected"),
        row("A4", BOB, "2026-01-09", last=r"B\ack N", born=""),
        row("A5", BOB, "2026-01-08", last="Between"),
        row("A1", ANN, "2026-01-05", last="Newest"),
    ]
    one, other = both_ways(service, neighbour, monkeypatch, lambda source: load_rows(source, *lines))
    assert first == [True]
    assert one[:3] == other[:3]
    assert [person[3] for person in one[1]] == ["Newest", r"B\ack N"]


def test_both_ways_store_the_same_of_pseudonyms_with_ages(service, neighbour, first, monkeypatch):
    header = "Health Service ID,Arrival Time,Age,Hospital,Gender"
    lines = [
        "0042,2026-01-02 03:04:05,37,North,Male",
        "0042,2026-05-02 03:04:05,38,,",
        "7,2026-01-02 10:00:00,,S,F",
    ]
    one, other = both_ways(
        service, neighbour, monkeypatch, lambda s: load_rows(s, *lines, header=header), "odi_hospital_ae"
    )
    assert first == [True]
    assert one[:3] == other[:3]


def test_the_ids_are_those_the_general_way_gives(service, first, monkeypatch):
    source = feed(service)
    load_rows(source, row("A1"), row("Ä2"))
    again = load_rows(source, row("Ä2"), row("A1"), name="again.csv")
    assert first == [True, False]
    assert (again.rows_new, again.rows_duplicate) == (0, 2)


def test_the_tables_are_afterwards_what_they_were(service, first):
    before = shape_of_the_tables()
    assert len(before) > 12
    load_rows(feed(service), row("A1"))
    assert first == [True]
    assert shape_of_the_tables() == before


def test_a_refused_file_leaves_the_tables_alone(service, first):
    before = shape_of_the_tables()
    extract = load_rows(feed(service), row("A1"), '"A2')
    assert (extract.status, first) == ("refused", [True])
    assert shape_of_the_tables() == before
    assert not Activity.objects.exists()


def test_it_is_no_first_load_where_anybody_is_known(service, neighbour, first):
    PersonFactory(service=neighbour)
    load_rows(feed(service), row("A1"))
    assert first == [False]


def test_it_is_no_first_load_where_another_service_has_activity(service, neighbour, first):
    load_rows(feed(neighbour), row("A1"))
    load_rows(feed(service), row("A1"))
    assert first == [True, False]
    assert Activity.objects.count() == 2


def test_a_first_load_of_nothing_but_rejected_rows_stores_nothing(service, first):
    extract = load_rows(feed(service), row("A1", "123"))
    assert (extract.status, extract.rows_rejected, first) == ("committed", 1, [True])
    assert len(shape_of_the_tables()) > 12


def test_people_with_counts_never_take_that_way(service, first):
    header = "NHS number,A&E attendances in the last 12 months"
    upload = ContentFile(f"{header}\n{ANN},12\n".encode(), name="p.csv")
    actions.load(service=service, source=feed(service, "people"), upload=upload, by=None)
    assert first == []


def test_only_what_was_taken_away_in_the_same_transaction_is_brought_back(service):
    with pytest.raises(ProgrammingError, match="no first load has begun"), transaction.atomic():
        connection.cursor().execute("SELECT cohorts_first_load_end()")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE first_load_taken (place serial, statement text)")
        cursor.execute("INSERT INTO first_load_taken (statement) VALUES ('DROP TABLE cohorts_activity')")
    with pytest.raises(ProgrammingError, match="no first load has begun"), transaction.atomic():
        connection.cursor().execute("SELECT cohorts_first_load_end()")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("between", ["SELECT 1", "SET CONSTRAINTS ALL IMMEDIATE", "DISCARD TEMP"])
def test_a_first_load_that_was_begun_and_not_ended_is_not_committed(between):
    def half():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT cohorts_first_load_begin()")
            cursor.execute(between)

    with pytest.raises(DatabaseError, match=r"first load|pending trigger"):
        half()
    assert len(shape_of_the_tables()) > 12
    assert walls_stand()


def test_a_first_load_whose_rows_point_nowhere_is_undone(service, first, monkeypatch):
    source = feed(service)
    monkeypatch.setattr(direct.FirstLoad, "_send_people", lambda self, new: None)
    with (
        pytest.raises(IntegrityError, match="a person and an extract of its own service"),
        transaction.atomic(),
    ):
        load_rows(source, row("A1"))
    assert not Activity.objects.exists()


@pytest.mark.parametrize("kept", [[0, 2], [0, 1]], ids=["one between is missing", "the last is missing"])
def test_a_row_of_somebody_who_is_not_there_is_found(service, first, monkeypatch, kept):
    send = direct.FirstLoad._send_people
    monkeypatch.setattr(
        direct.FirstLoad,
        "_send_people",
        lambda self, new: send(self, new.filter(pl.col("number").is_in(kept))),
    )
    rows = [row("A1", ANN), row("A2", BOB), row("A3", "9990000069")]
    with (
        pytest.raises(IntegrityError, match="a person and an extract of its own service"),
        transaction.atomic(),
    ):
        load_rows(feed(service), *rows)
    assert not Person.objects.exists()


def test_numbers_of_people_may_have_gaps(service, first, monkeypatch):
    send = direct.FirstLoad._send_people

    def with_another(self, new):
        send(self, new)
        texts = ("first_name", "last_name", "sex", "ethnicity", "address", "postcode", "phone", "gp_practice")
        names = ("id", "service_id", *texts, "communication_needs")
        cells = [str(self._first_id + 1000), str(service.pk), *[""] * 9]
        statement = f"COPY governance_person ({', '.join(names)}) FROM STDIN (NULL 'nothing')"
        self._sender.send(statement, "\t".join(cells).encode())

    monkeypatch.setattr(direct.FirstLoad, "_send_people", with_another)
    load_rows(feed(service), row("A1", ANN), row("A2", BOB))
    assert first == [True]
    assert Activity.objects.count() == 2


def test_the_audit_knows_the_rows_of_a_first_load(service, first):
    load_rows(feed(service), row("A1", ANN), row("A2", BOB), row("A1", ANN, site="Corrected"))
    assert first == [True]
    for table, key, bundle in (("cohorts_activity", "id", "extract_id"), ("governance_person", "id", "")):
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM governance_differences(%s, %s, %s)", [table, key, bundle])
            assert cursor.fetchall() == []
    assert RowChange.objects.filter(table="cohorts_activity").values_list("operation", "rows").get() == (
        "I",
        2,
    )


def counted_rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'cohorts_activity'::regclass")
        return cursor.fetchone()[0]


def test_a_later_load_that_adds_much_has_the_table_counted_again(service, neighbour, tmp_path):
    for receiver, rows in ((service, 1_500), (neighbour, 1_200)):
        make_extract(rows=rows, seed=rows).write(tmp_path / f"{rows}.csv")
        load_path(feed(receiver), tmp_path / f"{rows}.csv")
        assert counted_rows() == Activity.objects.count()
