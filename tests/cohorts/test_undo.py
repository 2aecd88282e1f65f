"""An extract undone: everything is as it was before it, or a sentence says what depends on it."""

import datetime

import pytest
from django.db import connection
from django.urls import reverse

from cohorts import undoing
from cohorts.actions import cohort_list as lists
from cohorts.actions import extract as actions
from cohorts.actions import undo
from cohorts.models import Activity, Coverage, ExtractStatus, ReplacedRow
from cohorts.retention import purge_files
from governance.models import AuditEvent, Correction, Person
from governance.rules import RuleBroken
from tests.cohorts.extracts import ANN, BOB, csv_file, feed, load_rows, row
from tests.cohorts.undo import business_hash
from tests.factories.casework import CaseFactory
from tests.factories.cohorts import CohortRuleFactory

pytestmark = pytest.mark.django_db
CAT = "9990000050"


@pytest.fixture
def source(service):
    return feed(service)


def undone(extract, by=None):
    undo.ask(extract=extract, by=by, ring=False)
    undo.take_back(extract=extract)
    extract.refresh_from_db()
    return extract


def refusal(extract) -> str:
    extract.refresh_from_db()
    with pytest.raises(RuleBroken) as caught:
        undo.ask(extract=extract, by=None, ring=False)
    return str(caught.value)


def test_everything_is_as_it_was_before(source, lead):
    load_rows(source, row("A1"), row("A2", BOB, site="North"), row("A3", BOB))
    before = business_hash()
    overlapping = load_rows(
        source,
        row("A2", BOB, site="South", time="11:00"),  # changed
        row("A3", BOB, last="Birch"),  # the same as before, with his new name
        row("A4", on="2026-02-01"),
        row("A5", "9990000069", first="Cleo"),
    )
    assert (overlapping.rows_new, overlapping.rows_changed, overlapping.people_new) == (2, 1, 1)
    assert business_hash() != before
    gone = undone(overlapping, by=lead)
    assert business_hash() == before
    assert (gone.status, gone.undone_by) == (ExtractStatus.UNDONE, lead)
    assert AuditEvent.objects.filter(event="extract_undone").get().changes == {
        "rows_removed": 2,
        "rows_restored": 2,
        "people_removed": 1,
        "lists_removed": [],
    }


def test_the_first_load_of_an_installation_can_be_undone(source):
    before = business_hash()
    extract = load_rows(source, row("A1"), row("A2", BOB), row("A2", BOB, site="South"))
    undone(extract)
    assert business_hash() == before
    assert not Person.objects.exists()


def test_counts_go_back_to_what_they_were(service):
    source = feed(service, "starter_pack_list")
    header = ",".join(source.columns)
    fields = list(source.columns.values())

    def line(number: str, times: int) -> str:
        values = {"nhs_number": number, **{name: str(times) for name in fields if "count" in name}}
        return ",".join(values.get(name, "") for name in fields)

    day = datetime.date(2026, 3, 31)
    load_rows(source, line(ANN, 5), line(BOB, 7), header=header, as_at=day)
    before = business_hash()
    later = load_rows(source, line(ANN, 6), line(BOB, 7), header=header, as_at=day, name="again.csv")
    assert later.rows_changed == 1
    undone(later)
    assert business_hash() == before


def test_coverage_that_a_load_narrowed_is_as_wide_as_before(source):
    load_rows(source, row("A1"))
    before = business_hash()
    agreement = source.agreement
    agreement.top_n = 5
    agreement.save()
    limited = load_rows(source, row("B1", BOB))
    source.refresh_from_db()
    assert source.coverage == Coverage.LISTED
    undone(limited)
    source.refresh_from_db()
    assert source.coverage == Coverage.EVERYONE
    assert business_hash() == before


def test_the_same_file_can_come_again_after_an_undo(source):
    lines = [row("A1"), row("A2", BOB)]
    undone(load_rows(source, *lines))
    again = load_rows(source, *lines)
    assert (again.status, again.rows_new) == (ExtractStatus.COMMITTED, 2)


def test_only_the_newest_of_a_source_can_be_undone(source):
    first = load_rows(source, row("A1"))
    second = load_rows(source, row("A2", BOB))
    assert f"extract {second.pk}" in refusal(first)
    undone(second)
    undone(first)
    assert not Activity.objects.exists()


def test_an_extract_of_another_source_about_its_people_comes_first(service, source):
    first = load_rows(source, row("A1"))
    other = feed(service, slug="walk-in-centre")
    second = load_rows(other, row("B1"))
    said = refusal(first)
    assert f"extract {second.pk}" in said
    assert "builds on it" in said
    undone(second)
    assert undone(first).status == ExtractStatus.UNDONE


def test_a_case_of_somebody_it_added_keeps_it(service, source):
    extract = load_rows(source, row("A1"), row("A2", BOB))
    CaseFactory(service=service, person=Person.objects.get(nhs_number=ANN))
    assert refusal(extract).startswith("It cannot be undone. 1 person whom it added is known here by more: ")
    assert "cases" in refusal(extract)


def test_a_list_nobody_was_screened_on_goes_with_it_and_a_screened_one_keeps_it(service, source, lead):
    from cohorts.actions import screening

    rule = CohortRuleFactory(service=service, count=1)
    before = business_hash()
    extract = load_rows(source, row("A1"), row("A2", BOB))
    built = lists.build(service=service, rule=rule, as_at=datetime.date(2026, 2, 1), by=lead)
    assert undoing.consequences(extract).lists == [built]
    candidate = built.candidates.first()
    saved = transaction_point()
    screening.decide(candidate=candidate, decision="decline", reason="out_of_area", note="", by=lead)
    assert "has screenings, which are never taken away" in refusal(extract)
    saved()
    undone(extract)
    assert business_hash() == before


def transaction_point():
    """What is done after this can be taken back by calling what it returns."""
    from django.db import transaction

    point = transaction.savepoint()
    return lambda: transaction.savepoint_rollback(point)


def test_details_put_right_since_are_not_overwritten(source, lead):
    load_rows(source, row("A1", last="Ash"))
    extract = load_rows(source, row("A2", last="Ashe", on="2026-02-02"))
    ann = Person.objects.get(nhs_number=ANN)
    Correction.objects.create(
        service=source.service,
        person=ann,
        field="last_name",
        before="Ashe",
        after="Asch",
        reason="She said so",
        by=lead,
    )
    assert "put right by hand since, of 1 person" in refusal(extract)


def test_what_an_undo_needs_goes_with_its_file_and_then_it_stays(service, source):
    first = load_rows(source, row("A1"))
    extract = load_rows(source, row("A1", site="South"))
    assert "site" in ReplacedRow.objects.get(extract=extract).before
    later = datetime.date.today() + datetime.timedelta(days=60)
    purge_files(service, [extract.pk], later, 30)
    # What a report reads is kept, and no more of it.
    assert ReplacedRow.objects.get().before == {"extract_id": first.pk}
    assert "as the retention schedule says" in refusal(extract)


def test_nothing_is_kept_of_a_change_outside_a_load(source):
    load_rows(source, row("A1"))
    load_rows(source, row("A2", BOB))
    Person.objects.update(postcode="QX1 1AA")
    Activity.objects.update(site="East")
    assert not ReplacedRow.objects.exists()


def test_a_worker_that_finds_something_new_in_the_way_leaves_it_stored(service, source):
    extract = load_rows(source, row("A1"))
    undo.ask(extract=extract, by=None, ring=False)
    CaseFactory(service=service, person=Person.objects.get(nhs_number=ANN))
    undo.take_back(extract=extract)
    extract.refresh_from_db()
    assert extract.status == ExtractStatus.COMMITTED
    assert extract.problem.startswith("It cannot be undone.")


def test_nothing_is_undone_when_the_audit_fails(source, monkeypatch):
    extract = load_rows(source, row("A1"))
    undo.ask(extract=extract, by=None, ring=False)
    before = business_hash()

    def fail(*args, **kwargs):
        raise ValueError("no audit")

    monkeypatch.setattr(undo.audit, "record", fail)
    with pytest.raises(ValueError, match="no audit"):
        undo.take_back(extract=extract)
    assert business_hash() == before


def test_the_preview_says_which_rows_change_and_how(source):
    load_rows(source, row("A1"), row("A2", BOB))
    lines = [row("A2", BOB, site="South", time="11:15"), row("A1"), row("A3")]
    received = actions.receive(
        service=source.service, source=source, upload=csv_file(*lines), by=None, ring=False
    )
    actions.check(extract=received)
    received.refresh_from_db()
    assert received.changed_examples == [
        {"row": 2, "column": "site", "before": "North", "after": "South"},
        {"row": 2, "column": "started_at_time", "before": "10:30:00", "after": "11:15:00"},
    ]


@pytest.mark.parametrize("change", ["renamed", "shuffled"])
def test_a_file_renamed_or_reordered_changes_nothing(source, change):
    lines = [row(f"A{n}", BOB if n % 2 else ANN) for n in range(6)]
    load_rows(source, *lines)
    before = business_hash()
    if change == "renamed":
        with pytest.raises(actions.AlreadyLoaded, match="already loaded on"):
            load_rows(source, *lines, name="other-name.csv")
    else:
        again = load_rows(source, *reversed(lines))
        assert (again.rows_new, again.rows_changed, again.rows_duplicate) == (0, 0, 6)
    assert business_hash() == before


def test_the_page_shows_what_goes_and_asks_a_worker(source, lead, as_user):
    load_rows(source, row("A1"))
    extract = load_rows(source, row("A1", site="South"), row("A2", BOB))
    browser = as_user(lead)
    page = browser.get(reverse("cohorts:undo", args=[extract.pk])).content.decode()
    assert "1 row goes" in page
    assert "1 row goes back" in page
    assert "1 person goes" in page
    answer = browser.post(reverse("cohorts:undo", args=[extract.pk]))
    assert answer["Location"] == reverse("cohorts:extract", args=[extract.pk])
    extract.refresh_from_db()
    assert (extract.status, extract.undone_by) == (ExtractStatus.UNDOING, lead)
    assert "Being undone" in browser.get(answer["Location"]).content.decode()


def test_the_page_says_what_stands_in_the_way(source, lead, as_user):
    first = load_rows(source, row("A1"))
    load_rows(source, row("A2", BOB))
    page = as_user(lead).get(reverse("cohorts:undo", args=[first.pk])).content.decode()
    assert "Undo that one first" in page
    assert '<form method="post" action' not in page


def test_the_command_undoes_and_refuses(source, capsys):
    import json

    from django.core.management import CommandError, call_command

    first = load_rows(source, row("A1"))
    second = load_rows(source, row("A2", BOB))
    with pytest.raises(CommandError, match="Undo that one first"):
        call_command("undo_extract", str(first.pk))
    call_command("undo_extract", str(second.pk), "--dry-run", "--json")
    assert json.loads(capsys.readouterr().out)["rows_removed"] == 1
    assert Activity.objects.count() == 2
    call_command("undo_extract", str(second.pk), "--json")
    assert json.loads(capsys.readouterr().out) == {
        "extract": second.pk,
        "status": "undone",
        "rows_removed": 1,
        "rows_restored": 0,
        "people_removed": 1,
        "people_restored": 0,
        "lists_removed": 0,
    }


def test_replaced_rows_of_another_service_are_out_of_sight(source, neighbour):
    from governance import scope

    load_rows(source, row("A1"))
    load_rows(source, row("A1", site="South"))
    assert ReplacedRow.objects.exists()
    with scope.of(neighbour):
        assert not ReplacedRow.objects.exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM cohorts_replacedrow")
            assert cursor.fetchone() == (0,)
