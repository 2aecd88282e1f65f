"""Words and checks that several sections share."""

from __future__ import annotations

from typing import Any

from evaluation import disclosure
from evaluation.disclosure import Disclosed
from evaluation.evidence import Evidence
from evaluation.impact.natural_fall import expected_natural_fall, natural_fall_sentence
from evaluation.impact.release import BEHIND, FEW_EVENTS
from evaluation.impact.windows import WINDOW_DAYS
from evaluation.measures import BY_KEY

MONTHS_OF = dict(zip(WINDOW_DAYS, (3, 6, 9, 12), strict=True))
CONTROLLED = "accepted_vs_declined"
UNCONTROLLED = "change"
HEADLINE = "observed_expected"
OFFER = "offer_cace"


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
    study = evidence.impacts[measure, days]
    raw = study["estimates"][key]
    arms = [study["groups"][name] for name in BEHIND.get(key, ("accepted",))]
    events = [arm[when] or 0 for arm in arms for when in ("events_pre", "events_post")]
    if raw["shown"] and any(disclosure.DEFAULT_RULE.hides(n) for n in events):
        return {**raw, "shown": False, "reason": FEW_EVENTS}
    return raw


def disclosed_estimate(raw: dict[str, Any]) -> dict[str, Disclosed]:
    """An estimate fit to leave, with the people compared."""
    shown = disclosure.estimate(raw)
    shown["n_comparator"] = disclosure.count(raw["n_comparator"])
    if not raw["shown"]:
        # A number that is not given is withheld, not "not supplied": the source did supply it.
        withheld = {key for key in shown if key not in ("n", "n_comparator", "observed")}
        shown |= dict.fromkeys(withheld, disclosure.SUPPRESSED)
    return shown


def gap(headline: dict[str, Any], offer: dict[str, Any]) -> str:
    """What it means that the figure which needs like to be compared with like, and the one which does not, agree or
    differ; empty where either is not shown.
    """
    if not (headline["shown"] and offer["shown"]):
        return ""
    if offer["lo"] <= headline["rate_ratio"] <= offer["hi"]:
        return (
            "The offer-based figure agrees with the headline within what chance explains: nothing says that those who "
            "accepted differ from those who did not in what no table holds."
        )
    return (
        "The offer-based figure differs from the headline by more than chance explains. Those who accepted probably "
        "differ from those who did not in what no table holds, and the offer-based figure is the one to trust."
    )


def best_window(evidence: Evidence, measure: str) -> int | None:
    """The longest window in which the comparison with people who declined may be shown."""
    allowed = [days for days in WINDOW_DAYS if estimate(evidence, measure, days, CONTROLLED)["shown"]]
    return allowed[-1] if allowed else None


def window_to_lead(evidence: Evidence, measure: str) -> int:
    """The longest window with a comparison, else the longest in which people who accepted can be counted."""
    followed = [
        days
        for days in WINDOW_DAYS
        if evidence.impacts[measure, days]["groups"]["accepted"]["n"] > disclosure.DEFAULT_THRESHOLD
    ]
    return best_window(evidence, measure) or (followed[-1] if followed else WINDOW_DAYS[-1])


def people(number: Disclosed) -> str:
    """A number of people in a sentence."""
    if number.suppressed:
        # Not "fewer than 8": a total is also withheld where it would give a smaller number away.
        return "a withheld number"
    return "nobody" if number.value == 0 else f"about {number.text}"
