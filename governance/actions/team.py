"""Who stands in for whom, and how wide a service draws the need to know."""

import datetime

from django.db import IntegrityError, transaction

from governance import audit
from governance.models import Service, Team, TeamMember, User
from governance.models.organisation import NeedToKnowChoice
from governance.rules import RuleBroken


@transaction.atomic
def add(*, service: Service, name: str, by: User) -> Team:
    """A new team, with nobody in it yet.

    Raises:
        RuleBroken: the name is empty or taken.
    """
    name = " ".join(name.split())
    if not name:
        raise RuleBroken("Enter a name for the team.")
    try:
        with transaction.atomic():
            team = service.teams.create(name=name)
    except IntegrityError as problem:
        raise RuleBroken("There is a team of this name already. Choose another name.") from problem
    audit.record("team_added", service=service, by=by, on=team)
    return team


@transaction.atomic
def join(*, team: Team, user: User, on: datetime.date, by: User) -> TeamMember:
    """Put a worker into a team from a day on. Somebody may be in several.

    Raises:
        RuleBroken: they are in it already, or carry no caseload in the service that day.
    """
    if not team.service.memberships.in_force(on).link_workers().filter(user=user).exists():
        raise RuleBroken(f"{user.name} carries no caseload in this service. Choose somebody else.")
    Team.objects.select_for_update(of=["self"]).get(pk=team.pk)
    if team.members.in_force(on).filter(user=user).exists():
        raise RuleBroken(f"{user.name} is in this team already.")
    row = team.members.create(service=team.service, user=user, starts_on=on)
    audit.record("team_joined", service=team.service, by=by, on=team, changes={"user": user.pk})
    return row


@transaction.atomic
def leave(*, member: TeamMember, on: datetime.date, by: User) -> None:
    """Take somebody out of a team after a day; yesterday means from now on. Ended before stays as it is."""
    member = (
        TeamMember.objects.select_for_update(of=["self"]).select_related("service", "team").get(pk=member.pk)
    )
    before = member.ends_on
    if before is not None and before <= on:
        return
    member.ends_on = on
    # Somebody put in today by mistake must be out today, and nobody leaves before they came.
    member.starts_on = min(member.starts_on, on)
    member.save(update_fields=["starts_on", "ends_on"])
    changes = {"user": member.user_id, "ends_on": [before, on]}
    audit.record("team_left", service=member.service, by=by, on=member.team, changes=changes)


@transaction.atomic
def set_need_to_know(*, service: Service, need_to_know: str, break_glass_hours: int, by: User) -> None:
    """Say who opens a case without being asked, and for how many hours a reason holds.

    Raises:
        RuleBroken: no such choice, or hours outside 1 to 24.
    """
    if need_to_know not in NeedToKnowChoice.values:
        raise RuleBroken("Choose who opens a case without being asked why.")
    if not 1 <= break_glass_hours <= 24:
        raise RuleBroken("Enter a number of hours from 1 to 24.")
    service = Service.objects.select_for_update(of=["self"]).get(pk=service.pk)
    changes = {
        "need_to_know": [service.need_to_know, need_to_know],
        "break_glass_hours": [service.break_glass_hours, break_glass_hours],
    }
    service.need_to_know, service.break_glass_hours = need_to_know, break_glass_hours
    service.save(update_fields=["need_to_know", "break_glass_hours"])
    audit.record("need_to_know_set", service=service, by=by, on=service, changes=changes)
