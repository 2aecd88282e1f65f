"""Why a case goes to somebody, in sentences a lead can disagree with."""

from collections.abc import Iterable
from dataclasses import dataclass

from casework.allocation.load import OVER_ABOVE, number
from casework.allocation.people import Carrier, Place, Problem, Waiting


@dataclass(frozen=True)
class Fit:
    """One need, in words, and whether it is met."""

    met: bool
    words: str


def fits(case: Waiting, carrier: Carrier) -> list[Fit]:
    """Every need of a client against what one worker brings, and whether they know each other."""
    needs, found = case.needs, []
    if carrier.worker in case.before:
        found.append(Fit(True, "Supported this person before."))
    if needs.language:
        met = needs.language in carrier.languages
        found.append(Fit(met, f"Speaks {needs.language}." if met else f"Does not speak {needs.language}."))
    if needs.gender:
        met = carrier.gender == needs.gender
        asked = needs.gender[:1].upper() + needs.gender[1:]
        found.append(Fit(met, f"{asked}, as asked for." if met else f"{asked} was asked for."))
    for skill in sorted(needs.skills):
        met = skill in carrier.skills
        found.append(Fit(met, f"{'Knows about' if met else 'Not yet known for'}: {skill.lower()}."))
    if needs.area:
        met = needs.area in carrier.areas
        found.append(
            Fit(met, f"Works in {needs.area}." if met else f"Does not usually work in {needs.area}.")
        )
    return found


def carried_after(problem: Problem, places: Iterable[Place]) -> dict[int, float]:
    """Points of each worker once all places are taken."""
    cases = {w.case: w for w in problem.waiting}
    points = {c.worker: c.points for c in problem.team}
    for place in places:
        if place.worker is not None:
            points[place.worker] += cases[place.case].points
        if place.second is not None:
            points[place.second] += cases[place.case].points * problem.second_share
    return points


def reasons(problem: Problem, place: Place, after: dict[int, float]) -> list[str]:
    """Why one case goes where it goes, or why to nobody."""
    case = next(w for w in problem.waiting if w.case == place.case)
    carriers = {c.worker: c for c in problem.team}
    if place.worker is None:
        return [_why_nobody(problem, case)]
    carrier = carriers[place.worker]
    found = [fit.words for fit in sorted(fits(case, carrier), key=lambda fit: not fit.met)]
    points = after[carrier.worker]
    found.append(
        f"{number(carrier.points)} of {number(carrier.capacity)} points in use before, {number(points)} with all "
        f"that is proposed here ({points * 100 / carrier.capacity:.0f}%)."
    )
    if carrier.tiers.get(case.tier, 0) < problem.fair(carrier, case.tier) - 0.5:
        found.append("Has fewer cases of this Chaos band than their share.")
    if place.second is not None:
        found.append(f"Two are needed: {carriers[place.second].name} goes along.")
    if case.along:
        found.append(f"Two are needed: {case.along} already goes along.")
    return found


def _why_nobody(problem: Problem, case: Waiting) -> str:
    able = [c for c in problem.team if c.worker not in case.barred]
    if not able:
        return (
            "Nobody's capacity is set, so nobody can be recommended. Set hours on the caseload page."
            if not problem.team
            else "Everybody with hours set is kept from this case."
        )
    if case.needs.two and len(able) < 2:
        return "Two are needed, and only one person has hours set."
    return (
        f"Nobody has room for {number(case.points)} more points within {OVER_ABOVE}% of their hours. "
        "Wait, or choose somebody and say why."
    )
