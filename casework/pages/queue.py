"""The allocation board: cases that wait, who is proposed for each, and what everybody would carry then."""

from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef
from django.utils import timezone

from casework import proposing, team, wording
from casework.allocation.load import Load, number
from casework.models import Case, Proposal, ProposalLine
from casework.pages import caseload
from casework.pages.cases import A_SEALED_RECORD
from casework.rules import OPEN_STAGES
from governance import audit
from governance.models import Service, User

CASES_A_PAGE = 10


@dataclass(frozen=True)
class Waiting:
    """A case in the queue, with what is proposed for it, if anything is."""

    case: Case
    name: str
    points: float
    needs: list[str]
    line: ProposalLine | None = None
    hidden: bool = False

    @property
    def headline(self) -> str:
        """Who is proposed, in a few words."""
        if self.line is None:
            return "Came after the proposal. Ask again to have it in."
        if self.line.worker is None:
            return "Nobody can be proposed."
        along = f", with {self.line.second.name} going along" if self.line.second else ""
        return f"{self.line.worker.name}{along}"

    @property
    def reasons(self) -> list[str]:
        """Why, in sentences; they tell of needs, so nothing of a sealed record."""
        return self.line.reasons if self.line and not self.hidden else []


@dataclass(frozen=True)
class Then:
    """A worker before and after all that is proposed."""

    before: Load
    after: Load

    @property
    def words(self) -> str:
        if self.before.percent is None:
            return self.before.no_percent
        return (
            f"{number(self.before.points)} of {self.before.capacity} points now ({self.before.percent}%), "
            f"{number(self.after.points)} then ({self.after.percent}%)."
        )

    @property
    def bars(self) -> tuple[int, int]:
        return min(self.before.percent or 0, 100), min(self.after.percent or 0, 100)

    @property
    def tag(self) -> tuple[str, str]:
        return caseload.BAND_TAGS[self.after.band]

    @property
    def gained(self) -> int:
        return self.after.cases - self.before.cases


@dataclass(frozen=True)
class Queue:
    """The page."""

    page: Page
    rows: list[Waiting]
    proposal: Proposal | None
    # Everything of the proposal that could still be followed, also on other pages.
    lines: list[ProposalLine] = field(default_factory=list)
    team: list[Then] = field(default_factory=list)
    asked: str = ""

    @property
    def to_follow(self) -> list[ProposalLine]:
        return [line for line in self.lines if line.worker_id]

    @property
    def unplaced(self) -> int:
        return len(self.lines) - len(self.to_follow)


def build(service: Service, user: User, *, page: int) -> Queue:
    """The board in front of a lead. Four queries, however many cases wait."""
    hidden = Exists(service.seals.hiding_from(user).filter(person=OuterRef("person")))
    waiting = list(proposing.queue(service).select_related("person").annotate(hidden=hidden))
    found = team.of(service)
    lines = list(_standing(service)) if waiting else []
    by_case = {line.case_id: line for line in lines}
    shown = Paginator(waiting, CASES_A_PAGE).get_page(page)
    proposal = lines[0].proposal if lines else None
    return Queue(
        shown,
        [_row(case, found, by_case.get(case.pk)) for case in shown],
        proposal,
        lines,
        _team(service, found, lines, {case.pk: case for case in waiting}),
        _asked(proposal),
    )


def look(service: Service, user: User, queue: Queue) -> None:
    """Note that somebody went through the queue."""
    changes = {
        "page": "casework:allocation",
        "number": queue.page.number,
        "found": queue.page.paginator.count,
    }
    audit.look("allocation_opened", service=service, by=user, changes=changes)


def _standing(service: Service) -> Any:
    """Lines of the newest proposal whose cases still wait."""
    newest = service.proposals.order_by("-at", "-pk").values("pk")[:1]
    lines = service.proposal_lines.filter(proposal__in=newest, case__worker=None, case__stage__in=OPEN_STAGES)
    return lines.select_related("proposal", "proposal__by", "worker", "second")


def _row(case: Case, found: team.Team, line: ProposalLine | None) -> Waiting:
    sealed = getattr(case, "hidden", False)
    return Waiting(
        case,
        A_SEALED_RECORD if sealed else case.person.short_name,
        found.weights.points(case.weighed),
        [] if sealed else _needs(case, found),
        line,
        sealed,
    )


def _needs(case: Case, found: team.Team) -> list[str]:
    needs = proposing.needs_of(case, first_visits_in_pairs=found.first_visits_in_pairs)
    words = [needs.language, needs.gender[:1].upper() + needs.gender[1:], *sorted(needs.skills), needs.area]
    return [word for word in [*words, "Two visit" if needs.two else ""] if word]


def _team(
    service: Service, found: team.Team, lines: list[ProposalLine], cases: dict[int, Case]
) -> list[Then]:
    """Everybody with hours set, before and after; those who are given something first."""
    after = {}
    before = [load for load in team.loads(found, team.carried(service)) if load.in_team]
    for load in before:
        after[load.worker] = load
    for line in lines:
        case = cases.get(line.case_id)
        if case is None:
            continue
        points = found.weights.points(case.weighed)
        if line.worker_id in after:
            after[line.worker_id] = after[line.worker_id].adding(points)
        if line.second_id in after:
            share = found.weights.points(case.weighed, share="second")
            after[line.second_id] = after[line.second_id].helping_with(share)
    rows = [Then(load, after[load.worker]) for load in before]
    return sorted(rows, key=lambda row: (row.before.percent is None, -row.gained, row.before.name))


def _asked(proposal: Proposal | None) -> str:
    if proposal is None:
        return ""
    when = wording.ago(timezone.localdate(proposal.at), today=timezone.localdate())
    return f"Asked for {when} at {timezone.localtime(proposal.at):%H:%M}" + (
        f" by {proposal.by.name}." if proposal.by else "."
    )
