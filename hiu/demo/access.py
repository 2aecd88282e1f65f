"""Teams, a sealed record and an opening to review, so that the pages about need to know show something."""

import datetime

from casework.models import Case
from governance import audit
from governance.actions import break_glass, seal, team
from governance.models import Service, User

TEAMS = ("North team", "South team")


def add_access(service: Service, workers: list[User], *, lead: User, today: datetime.date) -> None:
    """Share the workers out between two teams; seal one record; have another opened from the other team."""
    for position, name in enumerate(TEAMS):
        made = team.add(service=service, name=name, by=lead)
        for worker in workers[position :: len(TEAMS)]:
            team.join(team=made, user=worker, on=today, by=lead)
    carried = list(service.cases.open().filter(worker__in=workers).select_related("person", "worker"))
    if len(carried) < len(TEAMS):
        return  # a demo of a handful of people
    # The first worker's, where there are any, since their sign-in is the one that is tried.
    sealed, opened = sorted(carried, key=lambda case: (case.worker != workers[0], case.pk))[:2]
    assert sealed.worker is not None
    assert opened.worker is not None
    reason = "A member of staff is related to the person, who asked for this."
    seal.seal(service=service, person=sealed.person, names=[sealed.worker], reason=reason, by=lead)
    place = workers.index(opened.worker)
    _open_across(service, opened, workers[place - 1 if place else 1])


def _open_across(service: Service, case: Case, by: User) -> None:
    """A worker of the other team opens a case with a reason, and looks at its page."""
    words = "Rang the office in distress while their worker was on leave."
    break_glass.open(service=service, person=case.person, reason="got_in_touch", words=words, by=by)
    changes = {
        "page": "casework:case",
        "role": "link_worker",
        "why": "break_glass",
        "reason": "got_in_touch",
        "case": case.pk,
    }
    audit.look("record_opened", service=service, by=by, on=case.person, changes=changes)
