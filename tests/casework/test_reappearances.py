"""People who attend again after support has ended: told with the extract that says so, once, and answered."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.actions import allocation, reappearance
from casework.actions import case as cases
from casework.models import Case, Reappearance
from cohorts.actions import identity, undo
from cohorts.models import ExtractStatus, UnmatchedRow
from governance import audit
from governance.identity.compare import Likeness
from governance.models import AuditEvent
from governance.rules import RuleBroken
from tests.cohorts.extracts import ANN, BOB, HEADER, feed, load_rows, row
from tests.factories.casework import CaseFactory, StageChangeFactory
from tests.factories.governance import ObjectionFactory, PersonFactory, SealFactory
from tests.factories.referrals import ReappearanceFactory

pytestmark = pytest.mark.django_db
ENDED = datetime.datetime(2026, 3, 1, 12, 0, tzinfo=datetime.UTC)


@pytest.fixture
def source(service):
    return feed(service)


@pytest.fixture
def ann(service):
    return PersonFactory(service=service, nhs_number=ANN, first_name="Ann", last_name="Ash")


@pytest.fixture
def ended(service, ann, link_worker):
    """An episode that ended on 1 March 2026 with an open door."""
    return episode(service, ann, link_worker)


def episode(service, person, worker, stage="open_door", at=ENDED) -> Case:
    case = CaseFactory(
        service=service,
        person=person,
        worker=worker,
        stage=stage,
        opened_at=at - datetime.timedelta(days=90),
    )
    StageChangeFactory(case=case, stage="offered", at=case.opened_at, by=worker)
    StageChangeFactory(case=case, stage=stage, at=at, by=worker)
    return case


def test_new_attendances_are_told_with_the_extract_that_brings_them(source, ended):
    extract = load_rows(
        source,
        row("A1", on="2026-02-27"),
        row("A2", on="2026-03-01"),
        row("A3", on="2026-03-02"),
        row("A4", on="2026-04-09"),
        row("B1", BOB, on="2026-04-09"),
    )
    told = Reappearance.objects.get()
    assert (told.case, told.extract, told.attendances) == (ended, extract, 2)
    assert (str(told.first_on), str(told.last_on)) == ("2026-03-02", "2026-04-09")
    events = AuditEvent.objects.filter(target_id=str(extract.pk)).order_by("number")
    assert [event.event for event in events][-2:] == ["people_reappeared", "extract_committed"]
    assert events.get(event="people_reappeared").changes == {"cases": 1}


def test_attendances_from_before_the_end_are_no_news(source, ended):
    load_rows(source, row("A1", on="2026-02-27"), row("A2", on="2026-03-01"))
    assert not Reappearance.objects.exists()


@pytest.mark.parametrize(
    "stage, told",
    [
        ("open_door", 1),
        ("light_touch", 1),
        ("not_reached", 1),
        ("moved_away", 1),
        ("declined", 0),
        ("died", 0),
        ("active", 0),
    ],
)
def test_whoever_said_no_died_or_is_supported_is_not_watched(service, source, ann, link_worker, stage, told):
    episode(service, ann, link_worker, stage)
    load_rows(source, row("A1", on="2026-04-09"))
    assert Reappearance.objects.count() == told


def test_somebody_supported_again_is_told_of_by_the_newest_episode_only(
    service, source, ann, ended, link_worker
):
    again = episode(service, ann, link_worker, "active", ENDED + datetime.timedelta(days=30))
    load_rows(source, row("A1", on="2026-05-09"))
    assert not Reappearance.objects.exists()
    Case.objects.filter(pk=again.pk).update(stage="open_door")
    StageChangeFactory(case=again, stage="open_door", at=ENDED + datetime.timedelta(days=60), by=link_worker)
    load_rows(source, row("A2", on="2026-04-09"), row("A3", on="2026-06-09"), name="later.csv")
    told = Reappearance.objects.get()
    assert (told.case, told.attendances) == (again, 1)


def test_somebody_who_asked_not_to_be_contacted_is_left_alone(service, source, ann, ended, lead):
    ObjectionFactory(service=service, person=ann, scope="contact", by=lead)
    load_rows(source, row("A1", on="2026-04-09"))
    assert not Reappearance.objects.exists()


@pytest.fixture
def numbering(source):
    """A source that sends its own numbers of people as well."""
    source.columns = {**source.columns, "Hospital number": "local_number"}
    source.save()
    return source


def numbered(source, *lines, name):
    return load_rows(source, *lines, header=f"{HEADER},Hospital number", name=name)


def test_rows_of_an_earlier_extract_tell_once_it_is_known_whose_they_are(numbering, ended):
    earlier = numbered(numbering, row("A1", "", on="2026-04-09") + ",H7", row("B1", BOB) + ",", name="1.csv")
    assert not Reappearance.objects.exists()
    later = numbered(numbering, row("A2", on="2026-01-09") + ",H7", name="2.csv")
    told = Reappearance.objects.get()
    assert (told.case, told.extract, told.attendances) == (ended, earlier, 1)
    undo.ask(extract=later, by=None, ring=False)
    undo.take_back(extract=later)
    assert not Reappearance.objects.standing().exists()
    numbered(numbering, row("A3", on="2026-01-10") + ",H7", name="3.csv")
    assert Reappearance.objects.standing().get().extract == earlier


@pytest.mark.parametrize("answered, attendances", [(False, 2), (True, 1)])
def test_a_decision_tells_too_and_brings_up_to_date_what_nobody_answered(
    service, numbering, ann, ended, lead, answered, attendances
):
    lines = [row("A1", "", on="2026-04-09") + ",H7", row("A2", "", on="2026-04-11") + ",H8"]
    numbered(numbering, *lines, row("B1", BOB) + ",", name="1.csv")
    for waiting in UnmatchedRow.objects.order_by("row"):
        told = {"handle": waiting.handle, "likeness": Likeness(), "by": lead}
        identity.rows_are_of(service=service, person=ann, **told)
        assert Reappearance.objects.count() == 1
        if answered and waiting.row == UnmatchedRow.objects.order_by("row")[0].row:
            reappearance.note(case=ended, by=lead)
    assert Reappearance.objects.get().attendances == attendances


def test_the_same_rows_tell_nothing_twice(source, ended):
    load_rows(source, row("A1", on="2026-04-09"))
    load_rows(
        source,
        row("A1", on="2026-04-09"),  # the same
        row("B1", BOB, on="2026-04-09"),
        name="overlap.csv",
    )
    load_rows(source, row("A1", on="2026-04-09", site="South"), name="changed.csv")
    assert Reappearance.objects.count() == 1
    load_rows(source, row("A1", on="2026-04-09"), row("A2", on="2026-04-11"), name="newer.csv")
    assert [told.attendances for told in Reappearance.objects.order_by("pk")] == [1, 1]


def test_a_count_tells_only_where_all_its_months_lie_after_the_end(service, ended):
    source = feed(service, "starter_pack_list")
    header = ",".join(source.columns)
    fields = list(source.columns.values())

    def listed(day: str, times: int):
        values = {"nhs_number": ANN, **{name: str(times) for name in fields if "count" in name}}
        line = ",".join(values.get(name, "") for name in fields)
        return load_rows(
            source, line, header=header, as_at=datetime.date.fromisoformat(day), name=f"{day}.csv"
        )

    listed("2027-02-28", 5)
    assert not Reappearance.objects.exists()
    listed("2027-03-01", 6)
    told = Reappearance.objects.get()
    assert (told.attendances, told.months, str(told.last_on)) == (6, 12, "2027-03-01")
    listed("2027-06-01", 7)
    assert Reappearance.objects.count() == 1


def test_an_undo_takes_back_what_nobody_answered_and_a_new_load_tells_it_again(source, ended, lead):
    first = load_rows(source, row("A1", on="2026-04-09"))
    undo.ask(extract=first, by=lead, ring=False)
    undo.take_back(extract=first)
    first.refresh_from_db()
    assert first.status == ExtractStatus.UNDONE
    assert not Reappearance.objects.standing().exists()
    assert AuditEvent.objects.get(event="reappearances_withdrawn").changes == {"cases": 1}
    load_rows(source, row("A1", on="2026-04-09"))
    assert Reappearance.objects.standing().count() == 1


def test_nothing_is_told_when_the_load_does_not_go_through(source, ended, monkeypatch):
    def fail(event, **told):
        if event == "extract_committed":
            raise OSError
        return record(event, **told)

    record = audit.record
    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(OSError):
        load_rows(source, row("A1", on="2026-04-09"))
    assert not Reappearance.objects.exists()


def test_the_last_worker_reads_it_on_today_and_goes_on_in_one_click(service, ended, link_worker, as_user):
    ReappearanceFactory(case=ended)
    ReappearanceFactory(case=ended, attendances=1, last_on="2026-06-05")
    client = as_user(link_worker)
    page = client.get(reverse("casework:today")).content.decode()
    assert "Back at A&amp;E" in page
    assert "3 new attendances since support ended, the newest on 5 June 2026." in page
    answer = reverse("casework:answer_back", args=[ended.pk])
    response = client.post(answer, {"answer": "taken_up"})
    again = service.cases.open().get()
    assert response["Location"] == again.get_absolute_url()
    assert (again.person, again.worker, again.stage) == (ended.person, link_worker, "offered")
    ended.refresh_from_db()
    assert (ended.stage, ended.stages.count()) == ("open_door", 2)
    assert not Reappearance.objects.standing().exists()
    assert "Back at A&amp;E" not in client.get(reverse("casework:today")).content.decode()


def test_a_light_touch_becomes_active_again(service, ann, link_worker):
    case = episode(service, ann, link_worker, "light_touch")
    ReappearanceFactory(case=case)
    assert reappearance.take_up(case=case, by=link_worker) == case
    case.refresh_from_db()
    assert (case.stage, service.cases.count()) == ("active", 1)


def test_whoever_is_taken_on_another_way_is_told_of_no_more(service, ann, ended, lead):
    ReappearanceFactory(case=ended)
    cases.open(service=service, person=ann, by=lead)
    told = Reappearance.objects.get()
    assert (told.answer, told.answered_by) == ("taken_up", lead)


def test_a_light_touch_that_became_active_meanwhile_stays_active(service, ann, link_worker):
    case = episode(service, ann, link_worker, "active")
    ReappearanceFactory(case=case)
    assert reappearance.take_up(case=case, by=link_worker).stage == "active"
    assert not Reappearance.objects.standing().exists()


def test_it_is_noted_on_the_clients_page_and_answered_once(ended, link_worker, as_user):
    ReappearanceFactory(case=ended)
    client = as_user(link_worker)
    page = client.get(ended.get_absolute_url()).content.decode()
    assert "2 new attendances since support ended" in page
    assert page.count("Open a new episode") == 1
    answer = reverse("casework:answer_back", args=[ended.pk])
    page = client.post(answer, {"answer": "noted"}, follow=True).content.decode()
    assert "Nothing else was changed" in page
    assert "new attendances" not in page
    told = Reappearance.objects.get()
    assert (told.answer, told.answered_by) == ("noted", link_worker)
    page = client.post(answer, {"answer": "noted"}, follow=True).content.decode()
    assert "Somebody answered this a moment ago" in page


def test_the_lead_reads_it_where_the_last_worker_has_left(service, ended, lead, link_worker, as_user):
    ReappearanceFactory(case=ended)
    board = reverse("casework:board")
    assert "their last worker has left" not in as_user(lead).get(board).content.decode()
    link_worker.memberships.update(ends_on=timezone.localdate() - datetime.timedelta(days=1))
    page = as_user(lead).get(board).content.decode()
    assert "their last worker has left" in page
    assert "Ann A." in page
    again = reappearance.take_up(case=ended, by=lead)
    assert again.worker is None


def test_somebody_who_is_leaving_is_told_of_nobody_any_more_and_the_lead_is(
    service, ended, lead, link_worker, as_user
):
    ReappearanceFactory(case=ended)
    today = reverse("casework:today")
    assert "Ann A." in as_user(link_worker).get(today).content.decode()
    allocation.hand_over(service=service, leaver=link_worker, to={}, reason="New job", by=lead)
    assert "Ann A." not in as_user(link_worker).get(today).content.decode()
    assert "Ann A." in as_user(lead).get(reverse("casework:board")).content.decode()


def test_a_sealed_record_is_not_named(service, ended, lead, link_worker, as_user):
    ReappearanceFactory(case=ended)
    SealFactory(service=service, person=ended.person)
    assert "Ann" not in as_user(link_worker).get(reverse("casework:today")).content.decode()
    link_worker.memberships.update(ends_on="2020-01-01")
    page = as_user(lead).get(reverse("casework:board")).content.decode()
    assert "A sealed record" in page
    assert "Ann" not in page


def test_nothing_is_answered_when_the_audit_fails(service, ended, link_worker, audit_fails):
    ReappearanceFactory(case=ended)
    for action in (reappearance.take_up, reappearance.note):
        with pytest.raises(audit_fails):
            action(case=ended, by=link_worker)
    assert Reappearance.objects.standing().count() == 1
    assert service.cases.count() == 1


def test_somebody_who_cannot_have_a_new_episode_keeps_the_message(ended, link_worker):
    ReappearanceFactory(case=ended)
    ended.person.died_on = datetime.date(2026, 6, 1)
    ended.person.save()
    with pytest.raises(RuleBroken, match="died on 1 June 2026"):
        reappearance.take_up(case=ended, by=link_worker)
    assert Reappearance.objects.standing().count() == 1
