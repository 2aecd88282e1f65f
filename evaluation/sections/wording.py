"""Words and checks that several sections share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from evaluation import disclosure
from evaluation.disclosure import Disclosed
from evaluation.evidence import Evidence
from evaluation.impact.natural_fall import expected_natural_fall, natural_fall_sentence
from evaluation.impact.release import without_few
from evaluation.impact.windows import DAYS_OF_MONTHS, WINDOW_DAYS
from evaluation.measures import BY_KEY

MONTHS_OF = {days: months for months, days in DAYS_OF_MONTHS.items()}
CONTROLLED = "accepted_vs_declined"
UNCONTROLLED = "change"
HEADLINE = "observed_expected"
OFFER = "offer_cace"
# What a report leads with, first choice first.
LEADING = (HEADLINE, CONTROLLED)
BASIS = {HEADLINE: "Observed against expected", CONTROLLED: "Compared with people who declined"}


@dataclass(frozen=True)
class Comparison:
    """What a figure rests on: one of `LEADING`, over a window of so many days."""

    key: str
    days: int


def window_label(days: int) -> str:
    """A window in months, as people say it."""
    return f"{MONTHS_OF[days]} months"


def natural_fall(evidence: Evidence, measure: str, days: int) -> str:
    """The sentence beside every figure without a comparator."""
    kind, lag = evidence.list_kind, evidence.lag_months
    if measure == "ae":
        return natural_fall_sentence(kind, window_days=days, lag_months=lag)
    fall = expected_natural_fall(kind, window_days=days, lag_months=lag)
    return (
        f"Uncontrolled; with no service at all {BY_KEY[measure].name.lower()} fall too. How far was not "
        f"measured; A&E attendances of a list like this one fall by about {fall}%."
    )


def estimate(evidence: Evidence, measure: str, days: int, key: str) -> dict[str, Any]:
    """One estimate, exact; not shown where a count of events behind it is withheld.

    A ratio beside the printed counts would give the withheld one away.
    """
    return without_few(key, evidence.impacts[measure, days], behind=("accepted",))


def disclosed_estimate(raw: dict[str, Any]) -> dict[str, Disclosed]:
    """An estimate fit to leave, with the people compared."""
    shown = disclosure.estimate(raw)
    shown["n_comparator"] = disclosure.count(raw["n_comparator"])
    if not raw["shown"]:
        # A number that is not given is withheld, not "not supplied": the source did supply it.
        given = {key for key in ("n", "observed") if raw[key] is not None} | {"n_comparator"}
        withheld = shown.keys() - given
        shown |= dict.fromkeys(withheld, disclosure.SUPPRESSED)
    return shown


_AS_FAR_AS = "The figure by the offer allows for that, as far as chance decided who was approached."


def meaning(
    headline: dict[str, Any], offer: dict[str, Any], declined: dict[str, Any], *, by_chance: bool
) -> str:
    """What it means that the headline lies within, or outside of, the intervals of the others.

    `by_chance`: lots decided who was approached among equals, which the figure by the offer rests on.
    """
    asked = [each for each in (offer, declined) if each["shown"]]
    if not (headline["shown"] and asked):
        return ""
    if offer["shown"] and not _fits(headline, offer):
        return (
            "That is further apart than chance explains: those who accepted probably differ in what no table holds. "
            + ("Trust the figure by the offer." if by_chance else _AS_FAR_AS)
        )
    if declined["shown"] and not _fits(headline, declined):
        return (
            "That is further apart than chance explains: people who declined had a course of their own. "
            "The comparison with them says more about them than about the service."
        )
    return "They agree within what chance explains."


def _fits(headline: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(other["lo"] <= headline["rate_ratio"] <= other["hi"])


def best_window(evidence: Evidence, measure: str, key: str = CONTROLLED) -> int | None:
    """The longest window in which a comparison may be shown."""
    allowed = [days for days in WINDOW_DAYS if estimate(evidence, measure, days, key)["shown"]]
    return allowed[-1] if allowed else None


def leading(evidence: Evidence, measure: str) -> Comparison | None:
    """What the report leads with: observed against expected where it can be shown, else people who declined."""
    for key in LEADING:
        if days := best_window(evidence, measure, key):
            return Comparison(key, days)
    return None


def window_to_lead(evidence: Evidence, measure: str) -> int:
    """The longest window with a comparison, else the longest in which people who accepted can be counted."""
    if compared := leading(evidence, measure):
        return compared.days
    followed = [
        days
        for days in WINDOW_DAYS
        if evidence.impacts[measure, days]["groups"]["accepted"]["n"] > disclosure.DEFAULT_THRESHOLD
    ]
    return followed[-1] if followed else WINDOW_DAYS[-1]


def listing(names: list[str]) -> str:
    """Names in a sentence."""
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else "".join(names)


def people(number: Disclosed) -> str:
    """A number of people in a sentence."""
    if number.suppressed:
        # Not "fewer than 8": a total is also withheld where it would give a smaller number away.
        return "a withheld number"
    return "nobody" if number.value == 0 else f"about {number.text}"
