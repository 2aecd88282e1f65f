"""What a new release must not print, so that it tells nothing when held beside the earlier ones. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from evaluation.differencing.attack import Found, attack
from evaluation.differencing.printed import NO_LIMIT, About, Count, Release, read_profile, read_report
from evaluation.disclosure import DEFAULT_RULE, Rule
from governance.rules import RuleBroken

ANY = Count(0, NO_LIMIT)


class CouldBeTakenOff(RuleBroken):
    """Raised with a sentence when a release would give something away whatever is withheld in it."""


def earlier_releases(
    reports: Iterable[Mapping[str, Any]],
    profiles: Iterable[Mapping[str, Any]],
    rule: Rule = DEFAULT_RULE,
    *,
    withdrawn: Iterable[Mapping[str, Any]] = (),
) -> list[Release]:
    """The frozen copies of a service as the guard reads them; `withdrawn` are drafts that somebody may hold."""
    return [
        *(read_report(each, rule) for each in reports),
        *(read_profile(each, rule) for each in profiles),
        *(_withdrawn(read_report(each, rule), number) for number, each in enumerate(withdrawn, start=1)),
    ]


def _withdrawn(draft: Release, number: int) -> Release:
    return replace(draft, name=f"{draft.name}, withdrawn draft {number}", may_be_wrong=True)


def to_withhold(new: Release, earlier: Sequence[Release], rule: Rule = DEFAULT_RULE) -> set[About]:
    """The fewest counts of the new release found to be enough: without one of them something can be told.

    Raises:
        CouldBeTakenOff: nothing that can be withheld is enough.
    """
    marked: set[About] = set()
    readings: list[np.ndarray] = []
    while found := _told(_without(new, marked), earlier, rule, readings):
        more = _give_up(new, found[0], marked)
        if not more:
            raise CouldBeTakenOff(_sentence(found[0], _in_order([*earlier, new])))
        marked |= more
    for each in sorted(marked):
        if not _told(_without(new, marked - {each}), earlier, rule, readings):
            marked.remove(each)
    return marked


def check(new: Release, earlier: Sequence[Release], rule: Rule = DEFAULT_RULE) -> None:
    """Raises CouldBeTakenOff when something can be told with the new release that could not be told before."""
    if found := _told(new, earlier, rule):
        raise CouldBeTakenOff(_sentence(found[0], _in_order([*earlier, new])))


def _in_order(releases: Iterable[Release]) -> list[Release]:
    return sorted(releases, key=lambda each: (each.until, not each.may_be_wrong, each.name))


def _without(new: Release, marked: set[About]) -> Release:
    return replace(
        new, counts={about: ANY if about in marked else each for about, each in new.counts.items()}
    )


def _told(
    new: Release, earlier: Sequence[Release], rule: Rule, readings: list[np.ndarray] | None = None
) -> list[Found]:
    """What can be told with the new release and not without it; totals first, since their parts follow from them."""
    releases = _in_order([*earlier, new])
    at = releases.index(new)
    totals = {each.total for each in new.sums}
    found = sorted(attack(releases, rule, readings), key=lambda each: each.about not in totals)
    of_earlier = [each for each in found if at not in (each.release, each.then)]
    if not of_earlier:
        return found
    known = {_name(each, _in_order(earlier)) for each in attack(_in_order(earlier), rule)}
    return [each for each in found if each not in of_earlier or _name(each, releases) not in known]


def _name(found: Found, releases: Sequence[Release]) -> tuple[str, About, str]:
    then = "" if found.then is None else releases[found.then].name
    return releases[found.release].name, found.about, then


def _give_up(new: Release, found: Found, marked: set[About]) -> set[About]:
    """What to withhold next: the count itself, else the totals above it, else everything it adds up with."""
    about = found.about
    touching = [each for each in new.sums if about == each.total or about in each.parts]
    steps = [
        {about} if found.then is not None and about in new.counts else set(),
        {about for each in touching for about in (each.parts if each.divides else [each.total])},
        {about for each in touching for about in (each.total, *each.parts)},
    ]
    return next((more for step in steps if (more := step - marked)), set())


def _sentence(found: Found, releases: Sequence[Release]) -> str:
    what = ", ".join(each for each in found.about if each)
    if found.then is None:
        told = f"the withheld number for {what} in {releases[found.release].name}"
    else:
        told = f"how {what} changed from {releases[found.release].name} to {releases[found.then].name}"
    return (
        f"This was not made: with what was released before, it would tell {told}, and that is about 1 to 7 people "
        "or events. Wait for the next quarter, or ask whoever looks after this system."
    )
