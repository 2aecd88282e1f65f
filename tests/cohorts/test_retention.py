"""People known only from lists, and files of extracts, go when their time is over."""

import datetime

import pytest
from django.urls import reverse

from cohorts.models import Activity, Candidate, Extract, ListCount
from cohorts.retention import key_of
from cohorts.rules import age_band
from governance.actions import retention
from governance.models import AuditEvent, LegalHold, Person, PurgeRun
from tests.factories import casework, cohorts, governance
from tests.purging import TODAY, attended, every_row, moment, old_list, unselected

pytestmark = pytest.mark.django_db
CLASS = "unselected_candidates"


def purge(service, key=CLASS, **told):
    return retention.purge(service=service, by=None, today=TODAY, **told)[key]


def extract(service, **told):
    return cohorts.ExtractFactory(source=cohorts.SourceFactory(service=service), **told)


def test_who_was_not_taken_on_goes_with_their_attendances(service):
    unselected(service)
    outcome = purge(service)
    assert (outcome.due, outcome.purged, outcome.held, outcome.people) == (1, 1, 0, 1)
    assert [model.objects.count() for model in (Candidate, Person, Activity)] == [0, 0, 0]


def test_a_dry_run_counts_and_changes_nothing(service):
    unselected(service)
    before = every_row()
    outcome = purge(service, dry_run=True)
    assert (outcome.due, outcome.purged) == (1, 0)
    assert every_row() == before


def test_a_keyed_count_stays_that_names_nobody(service):
    candidate = unselected(service, sex="F")
    key = key_of(candidate.person)
    purge(service)
    count = ListCount.objects.get()
    assert (count.key, count.count, count.age_band, count.sex) == (key, 9, "45 to 54", "F")
    assert count.month == datetime.date(2025, 9, 1)
    assert candidate.person.nhs_number not in str(vars(count))


def test_the_key_depends_on_a_secret_outside_the_database(service, settings):
    person = governance.PersonFactory(service=service)
    before = key_of(person)
    settings.PSEUDONYM_KEY = "another"
    assert key_of(person) != before


@pytest.mark.parametrize(
    "age, band",
    [
        (None, ""),
        (17, "under 18"),
        (18, "18 to 24"),
        (24, "18 to 24"),
        (25, "25 to 34"),
        (84, "75 to 84"),
        (85, "85 or over"),
    ],
)
def test_ages_are_kept_in_bands(age, band):
    assert age_band(age) == band


@pytest.mark.parametrize("superseded_on, due", [("2026-08-28", 1), ("2026-08-29", 0)])
def test_the_ninety_days_count_from_the_newer_list(service, superseded_on, due):
    unselected(service, old_list(service, superseded_on=superseded_on))
    assert purge(service).due == due


def test_a_list_without_a_newer_one_keeps_its_people(service):
    cohorts.CandidateFactory(
        cohort_list__rule__service=service,
        cohort_list__built_at=moment("2020-01-01"),
        person=governance.PersonFactory(service=service),
    )
    assert purge(service).due == 0


def test_a_newer_list_of_another_rule_supersedes_nothing(service):
    rule = cohorts.CohortRuleFactory(service=service)
    alone = cohorts.CohortListFactory(
        rule=rule, as_at=datetime.date(2025, 9, 30), built_at=moment("2025-10-01")
    )
    old_list(service)
    unselected(service, alone)
    assert purge(service).due == 0


def test_a_newer_version_of_the_rule_supersedes(service):
    rule = cohorts.CohortRuleFactory(service=service, slug="top", version=1)
    old = cohorts.CohortListFactory(
        rule=rule, as_at=datetime.date(2025, 9, 30), built_at=moment("2025-10-01")
    )
    newer = cohorts.CohortRuleFactory(service=service, slug="top", version=2)
    cohorts.CohortListFactory(rule=newer, as_at=datetime.date(2025, 12, 31), built_at=moment("2026-01-05"))
    unselected(service, old)
    assert purge(service).purged == 1


def test_whoever_has_a_case_stays_with_their_places_on_lists(service):
    candidate = unselected(service)
    casework.CaseFactory(service=service, person=candidate.person)
    assert purge(service).due == 0


def test_a_decision_that_keeps_somebody_off_new_lists_is_kept_for_its_year(service):
    recent, old, passing = (unselected(service) for _ in range(3))
    cohorts.ScreeningFactory(candidate=recent, at=moment("2026-01-10"))
    cohorts.ScreeningFactory(candidate=old, at=moment("2025-10-10"))
    cohorts.ScreeningFactory(candidate=passing, at=moment("2026-01-10"), reason="no_capacity")
    assert purge(service).purged == 2
    assert list(Candidate.objects.all()) == [recent]


def test_who_is_on_a_newer_list_as_well_only_leaves_the_old_one(service):
    candidate = unselected(service)
    current = cohorts.CohortListFactory(rule__service=service)
    cohorts.CandidateFactory(cohort_list=current, person=candidate.person)
    assert (purge(service).purged, Person.objects.count(), Activity.objects.count()) == (1, 1, 1)


def test_who_is_known_in_another_way_leaves_the_list_and_stays_a_person(service):
    candidate = unselected(service)
    governance.ObjectionFactory(person=candidate.person)
    outcome = purge(service)
    assert (outcome.purged, outcome.people, Person.objects.count()) == (1, 0, 1)


@pytest.mark.parametrize("what", ["person", "class"])
def test_a_hold_keeps_and_lifting_it_lets_go(service, ig_lead, what):
    candidate = unselected(service)
    about = {"person": candidate.person} if what == "person" else {"record_class": CLASS}
    hold = retention.hold(
        service=service, reason="Inquest", held_from=datetime.date(2026, 1, 1), by=ig_lead, **about
    )
    outcome = purge(service)
    assert (outcome.due, outcome.purged, outcome.held) == (1, 0, 1)
    retention.lift(hold=hold, reason="Over", by=ig_lead)
    assert purge(service).purged == 1
    assert LegalHold.objects.count() == (0 if what == "person" else 1)


def test_whoever_asked_for_a_copy_is_kept_until_they_have_it(service):
    candidate = unselected(service)
    governance.SubjectRequestFactory(service=service, person=candidate.person)
    outcome = purge(service)
    assert (outcome.due, outcome.purged, outcome.held) == (1, 0, 1)
    assert Person.objects.count() == 1


def test_a_hold_on_people_never_listed_keeps_those_who_leave_a_list_as_well(service, ig_lead):
    unselected(service)
    retention.hold(
        service=service,
        record_class="unlisted_people",
        reason="Inquest",
        held_from=datetime.date(2026, 1, 1),
        by=ig_lead,
    )
    outcome = purge(service)
    assert (outcome.purged, outcome.people, Person.objects.count()) == (1, 0, 1)


def test_a_hold_of_tomorrow_keeps_nothing_yet(service, ig_lead):
    candidate = unselected(service)
    retention.hold(
        service=service,
        person=candidate.person,
        reason="x",
        held_from=TODAY + datetime.timedelta(1),
        by=ig_lead,
    )
    assert purge(service).purged == 1


def test_another_service_is_untouched(service, neighbour):
    for place in (service, neighbour):
        unselected(place, nhs_number="9990000018")
    assert purge(service).purged == 1
    assert Person.objects.get().service == neighbour
    assert purge(service).found == 0


def test_the_search_says_where_somebody_is_still_named(service):
    unselected(service, first_name="Zephyrine", last_name="Quagmire")
    case = casework.CaseFactory(service=service, person=governance.PersonFactory(service=service))
    casework.ContactFactory(case=case, note="Shares a flat with Zephyrine Quagmire")
    outcome = purge(service)
    assert (outcome.found, outcome.columns_searched > 50) == (1, True)
    assert PurgeRun.objects.get().found == {"casework_contact.note": 1}
    event = AuditEvent.objects.get(event="retention_purged")
    assert event.changes["searched"].endswith("found 1")
    assert "Zephyrine" not in str(event.changes)


def test_a_clean_purge_is_proved_in_the_log(service):
    unselected(service)
    purge(service)
    searched = AuditEvent.objects.get(event="retention_purged").changes["searched"]
    assert searched.startswith("searched ")
    assert searched.endswith("columns, found 0")


def test_nothing_goes_when_the_audit_fails(service, monkeypatch):
    unselected(service)

    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("governance.audit.record", broken)
    with pytest.raises(RuntimeError):
        purge(service)
    assert (Person.objects.count(), Candidate.objects.count()) == (1, 1)


def test_the_page_of_an_old_list_says_that_people_are_gone(service, lead, as_user):
    candidate = unselected(service)
    purge(service)
    url = reverse("cohorts:list", args=[candidate.cohort_list_id])
    body = as_user(lead).get(f"{url}?show=all").content.decode()
    assert "1 of its people are not kept any more" in body
    assert "Everyone (2)" in body


def test_who_was_never_listed_goes_five_years_after_their_newest_attendance(service):
    for day in ("2021-11-26", "2021-11-27"):
        attended(service, governance.PersonFactory(service=service), day)
    assert purge(service, "unlisted_people").purged == 1
    assert [str(each.started_on) for each in Activity.objects.all()] == ["2021-11-27"]


def test_somebody_just_written_down_is_not_old(service):
    governance.PersonFactory(service=service)
    assert purge(service, "unlisted_people").due == 0


def test_the_file_of_a_stored_extract_goes_and_its_ledger_stays(service, django_capture_on_commit_callbacks):
    old = extract(
        service, committed=True, committed_at=moment("2026-10-27"), reject_examples=[{"reason": "x"}]
    )
    new = extract(service, committed=True, committed_at=moment("2026-10-28"))
    with django_capture_on_commit_callbacks(execute=True):
        assert purge(service, "extract_files").purged == 1
    assert [each.file.storage.exists(each.file.name) for each in (old, new)] == [False, True]
    old.refresh_from_db()
    assert (old.status, old.reject_examples, old.file_deleted_at is None) == ("committed", [], False)
    assert purge(service, "extract_files").due == 0


def test_a_hold_on_somebody_keeps_the_files_they_came_in(service):
    held = attended(service, governance.PersonFactory(service=service), "2026-01-01")
    Extract.objects.update(committed_at=moment("2026-02-01"))
    governance.LegalHoldFactory(person=held.person)
    outcome = purge(service, "extract_files")
    assert (outcome.due, outcome.held, outcome.purged) == (1, 1, 0)


def test_a_preview_nobody_decided_on_is_thrown_away(service, django_capture_on_commit_callbacks):
    left = extract(service, previewed=True, received_at=moment("2026-10-01"))
    extract(service, previewed=True, received_at=moment("2026-11-20"))
    with django_capture_on_commit_callbacks(execute=True):
        assert purge(service, "drafts").purged == 1
    left.refresh_from_db()
    assert (left.status, left.file.storage.exists(left.file.name)) == ("withdrawn", False)


def test_extracts_that_came_to_nothing_go_after_ninety_days(service):
    extract(service, status="refused", problem="Not a file", received_at=moment("2026-08-01"))
    extract(service, status="withdrawn", received_at=moment("2026-11-01"))
    assert purge(service, "extracts_not_stored").purged == 1
    assert Extract.objects.get().status == "withdrawn"
