"""Teams, and how wide a service draws the need to know."""

import datetime

import pytest
from django.urls import reverse

from governance.actions import team as teams
from governance.models import AuditEvent, Team, TeamMember
from governance.roles import Role
from governance.rules import RuleBroken
from tests.factories.governance import MembershipFactory, TeamFactory, TeamMemberFactory
from tests.queries import PageQueries

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 3, 2)
PAGE = "governance:teams"


@pytest.fixture
def manager(service):
    return MembershipFactory(service=service, role=Role.SERVICE_MANAGER).user


@pytest.fixture
def north(service):
    return TeamFactory(service=service, name="North")


def test_a_worker_joins_from_a_day_and_leaves_by_a_day(north, link_worker, manager):
    row = teams.join(team=north, user=link_worker, on=DAY, by=manager)
    assert TeamMember.objects.in_force(DAY).get() == row
    assert not TeamMember.objects.in_force(DAY - datetime.timedelta(days=1)).exists()
    teams.leave(member=row, on=DAY, by=manager)
    assert TeamMember.objects.in_force(DAY).exists()
    assert not TeamMember.objects.in_force(DAY + datetime.timedelta(days=1)).exists()
    assert [event.event for event in AuditEvent.objects.order_by("number")] == ["team_joined", "team_left"]


def test_who_joined_today_by_mistake_is_out_today(north, link_worker, manager):
    row = teams.join(team=north, user=link_worker, on=DAY, by=manager)
    teams.leave(member=row, on=DAY - datetime.timedelta(days=1), by=manager)
    assert not TeamMember.objects.in_force(DAY).exists()


def test_only_who_carries_cases_joins_and_only_once(north, link_worker, commissioner, outsider, manager):
    for user in (commissioner, outsider):
        with pytest.raises(RuleBroken, match="carries no caseload"):
            teams.join(team=north, user=user, on=DAY, by=manager)
    teams.join(team=north, user=link_worker, on=DAY, by=manager)
    with pytest.raises(RuleBroken, match="already"):
        teams.join(team=north, user=link_worker, on=DAY, by=manager)


@pytest.mark.parametrize("name, sentence", [(" ", "Enter a name"), ("North", "of this name already")])
def test_a_team_has_a_name_of_its_own(service, north, manager, name, sentence):
    with pytest.raises(RuleBroken, match=sentence):
        teams.add(service=service, name=name, by=manager)


@pytest.mark.parametrize("told", [("everyone", 4), ("team", 0), ("team", 25)])
def test_a_setting_that_cannot_be_is_refused(service, manager, told):
    with pytest.raises(RuleBroken):
        teams.set_need_to_know(service=service, need_to_know=told[0], break_glass_hours=told[1], by=manager)


def test_a_manager_makes_a_team_fills_it_and_empties_it(service, link_worker, manager, as_user):
    client = as_user(manager)
    client.post(reverse(PAGE), {"step": "new", "name": "South"})
    team = Team.objects.get()
    client.post(reverse(PAGE), {"step": "join", "team": team.pk, "user": link_worker.pk})
    assert "Wendy Worker" in client.get(reverse(PAGE)).content.decode()
    client.post(reverse("governance:leave_team", args=[team.members.get().pk]))
    assert "Nobody yet." in client.get(reverse(PAGE)).content.decode()


def test_a_manager_sets_who_opens_what(service, manager, as_user):
    form = {"step": "setting", "need_to_know": "caseload", "break_glass_hours": "2"}
    as_user(manager).post(reverse(PAGE), form)
    service.refresh_from_db()
    assert (service.need_to_know, service.break_glass_hours) == ("caseload", 2)
    assert AuditEvent.objects.get().changes["need_to_know"] == ["team", "caseload"]


@pytest.mark.parametrize(
    "form, sentence",
    [
        ({"step": "setting", "need_to_know": "team", "break_glass_hours": "99"}, "from 1 to 24"),
        ({"step": "setting", "break_glass_hours": "4"}, "Choose who opens a case"),
        ({"step": "new", "name": "North"}, "of this name already"),
        ({"step": "join", "team": "0", "user": "0"}, "Choose a team."),
    ],
)
def test_a_mistake_is_said_in_words(service, north, manager, as_user, form, sentence):
    assert sentence in as_user(manager).post(reverse(PAGE), form).content.decode()


def test_the_page_of_teams_takes_the_same_questions_at_any_length(service, manager, as_user):
    client, asked = as_user(manager), []
    for number in (5, 200):
        team = TeamFactory(service=service)
        for _ in range(number):
            TeamMemberFactory(service=service, team=team, user=MembershipFactory(service=service).user)
        with PageQueries() as found:
            assert client.get(reverse(PAGE)).status_code == 200
        asked.append(len(found.page))
    assert asked[0] == asked[1] <= 6
