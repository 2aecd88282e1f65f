"""What the page of the set-up plan shows."""

import datetime
from dataclasses import dataclass
from typing import Any

from governance import checklist
from governance.models import MilestoneReport, Service, SetUpPlan
from governance.signals import first_list_day, loads_to_show

# Width of a month in the chart; whole numbers, so that a page in any language writes them alike.
MONTH = 20


@dataclass(frozen=True)
class Bar:
    """A milestone in the chart: where it is planned, and where it was reached."""

    x: int
    width: int
    done_at: int | None

    @property
    def months(self) -> list[int]:
        """The left edges of the months."""
        return [MONTH * number for number in range(checklist.set_up_plan().months)]


@dataclass(frozen=True)
class Line:
    """A milestone with its plan and what was reported."""

    milestone: checklist.Milestone
    due_on: datetime.date
    report: MilestoneReport | None
    bar: Bar
    state: str
    colour: str
    load: str


def of(service: Service, today: datetime.date) -> dict[str, Any]:
    """The plan, line by line, and the days to the first list; without a plan nothing but its lines."""
    plan = plan_of(service)
    data = checklist.set_up_plan()
    if plan is None:
        return {"plan": None, "milestones": data.milestones, "source": data.source}
    reports = latest(service)
    loads = dict(loads_of(service)) if any(report.load for report in reports.values()) else {}
    lines = [_line(each, plan, reports.get(each.key), loads, today) for each in data.milestones]
    done = sum(1 for line in lines if line.report)
    return {
        "plan": plan,
        "lines": lines,
        "source": data.source,
        "stats": [
            {"value": f"{done} of {len(lines)}", "label": "Milestones reached", "note": ""},
            _first_list(service, plan, today),
        ],
    }


def plan_of(service: Service) -> SetUpPlan | None:
    """The plan of a service, if it has begun."""
    return getattr(service, "set_up_plan", None)


def latest(service: Service) -> dict[str, MilestoneReport]:
    """The report that stands for each milestone that is reached."""
    rows = service.milestone_reports.select_related("agreement", "assessment", "by")
    newest = rows.order_by("milestone", "-at", "-pk").distinct("milestone")
    return {row.milestone: row for row in newest if row.done_on}


def loads_of(service: Service) -> list[tuple[int, str]]:
    """The loads that can be shown as evidence, by number and words."""
    answers: list[tuple[Any, Any]] = loads_to_show.send(Service, service=service)
    return [load for _, loads in answers for load in loads]


def _line(
    milestone: checklist.Milestone,
    plan: SetUpPlan,
    report: MilestoneReport | None,
    loads: dict[int, str],
    today: datetime.date,
) -> Line:
    due_on = milestone.due_on(plan.starts_on)
    bar = Bar(
        MONTH * (milestone.first_month - 1),
        MONTH * (milestone.last_month - milestone.first_month + 1),
        _place(report.done_on, plan.starts_on) if report and report.done_on else None,
    )
    state, colour = _state(report, due_on, today)
    load = loads.get(report.load, f"Extract {report.load}") if report and report.load else ""
    return Line(milestone, due_on, report, bar, state, colour, load)


def _place(day: datetime.date, start: datetime.date) -> int:
    """Where a day stands in the chart. Months of 30.44 days are near enough for a dot."""
    end = MONTH * checklist.set_up_plan().months
    return min(max(round((day - start).days / 30.44 * MONTH), 0), end)


def _state(report: MilestoneReport | None, due_on: datetime.date, today: datetime.date) -> tuple[str, str]:
    if report:
        return "Done", "green"
    return ("Late", "red") if today > due_on else ("To do", "grey")


def _first_list(service: Service, plan: SetUpPlan, today: datetime.date) -> dict[str, Any]:
    """How long it took until there was a list of people, the first thing a service waits for."""
    answers: list[tuple[Any, Any]] = first_list_day.send(Service, service=service)
    days: list[datetime.date] = [day for _, day in answers if day]
    if not days:
        note = f"No list yet, {(today - plan.starts_on).days} days after the start"
        return {"value": "–", "label": "Days to the first list", "note": note}
    took = (min(days) - plan.starts_on).days
    note = f"First list on {min(days):%-d %B %Y}"
    if took < 0:
        return {"value": "–", "label": "Days to the first list", "note": f"{note}, before the plan began"}
    return {"value": took, "label": "Days to the first list", "note": note}
