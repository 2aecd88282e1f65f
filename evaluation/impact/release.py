"""The answer of `impact`, fit to leave: after disclosure control, small numbers as "*"."""

from __future__ import annotations

from typing import Any

from evaluation import disclosure
from evaluation.disclosure import DEFAULT_RULE, NOT_APPLICABLE, SUPPRESSED, Disclosed, Rule
from evaluation.disclosure_table import control_table, giving_away
from evaluation.impact.flow import Flow, Group
from evaluation.impact.run import Checks, Figures, Impact
from evaluation.impact.sample import ESTIMATE_FROM
from evaluation.impact.tables import APPROACHED, NOT_APPROACHED

STATUSES = ("with_follow_up", "not_enough_follow_up", "not_supplied", "no_index_date")
ITT, CACE = "offer_itt", "offer_cace"
# A ratio beside printed counts would give a withheld one away: whose counts stand behind it.
BEHIND = {
    "change": ("accepted",),
    "accepted_vs_declined": ("accepted", "declined"),
    # The two by the offer, side by side, are two equations: the events of those who did not accept follow from them.
    ITT: APPROACHED,
    CACE: APPROACHED,
}
FEW_EVENTS = "Too few events: a ratio would give away a number that is withheld."
FEW_APPROACHED = (
    "Too few people or events in one of the groups approached: the figures by the offer would give away a number that "
    "is withheld."
)
DAYS_PER_YEAR = 365.25


def release(result: Impact, rule: Rule = DEFAULT_RULE) -> dict[str, Any]:
    """The same keys; every number is printed as it may leave, "*" where withheld, None where not supplied."""
    days = result["plan"]["window_days"]
    estimates = {key: _estimate(key, each, result, rule) for key, each in result["estimates"].items()}
    headline = estimates["observed_expected"]["shown"]
    return {
        "flow": _values(_flow(result, rule)),
        "groups": {name: _values(_group(each, days, rule)) for name, each in result["groups"].items()},
        "estimates": estimates,
        "balance": _balance(result) if estimates["matched"]["shown"] else {},
        "largest_person": _estimate("", result["largest_person"], result, rule),
        "placebo": _estimate("", result["placebo"], result, rule),
        "negative_control": _estimate("", result["negative_control"], result, rule),
        "e_value": {
            key: round(value, 2) if headline and value is not None else None
            for key, value in (
                ("estimate", result["e_value"]["estimate"]),
                ("limit", result["e_value"]["limit"]),
            )
        },
        "plan": result["plan"],
    }


def without_few(
    key: str, study: Figures, behind: tuple[str, ...] = (), rule: Rule = DEFAULT_RULE
) -> dict[str, Any]:
    """One estimate, exact; not shown where a count behind it is withheld. `behind`: whose counts, where `BEHIND` does
    not say.

    Of everybody approached the number of people and events goes as well (None): less those who accepted, it is that
    of the others.
    """
    raw = study["estimates"][key]
    groups = [study["groups"][name] for name in BEHIND.get(key, behind)]
    few = any(rule.hides(int(each[when] or 0)) for each in groups for when in ("events_pre", "events_post"))
    if key in (ITT, CACE):
        few = few or any(rule.hides(each["n"]) for each in groups) or _few_others(study["estimates"], rule)
    if not few:
        return raw
    reason = (FEW_APPROACHED if key in (ITT, CACE) else FEW_EVENTS) if raw["shown"] else raw["reason"]
    together: dict[str, Any] = {"n": None, "observed": None} if key == ITT else {}
    return {**raw, "shown": False, "reason": reason, **together}


def _few_others(estimates: dict[str, dict[str, Any]], rule: Rule) -> bool:
    """Whether those who did not accept, as the figures by the offer count them, are few or had few events.

    They are fewer than the groups: only people with 12 months of history.
    """
    everybody, accepted = estimates[ITT], estimates[CACE]
    if rule.hides(everybody["n"] - accepted["n"]):
        return True
    both = everybody["shown"] and accepted["shown"]
    return both and rule.hides(round(everybody["observed"] - accepted["observed"]))


def _values(numbers: dict[str, Disclosed]) -> dict[str, Any]:
    return {key: each.text if each.suppressed else each.value for key, each in numbers.items()}


def _flow(result: Figures, rule: Rule) -> dict[str, Disclosed]:
    """Answers as one table with its totals; how people could be followed beside it, withheld whole where the two
    together would tell.
    """
    flow: Flow = result["flow"]
    answers = {key: int(flow[key]) for key in APPROACHED}  # type: ignore[literal-required]
    table = control_table(
        {
            "approached": {**answers, NOT_APPROACHED: 0},
            "others": {**dict.fromkeys(answers, 0), NOT_APPROACHED: flow["not_approached"]},
        },
        rule=rule,
    )
    statuses = {key: int(flow[key]) for key in STATUSES}  # type: ignore[literal-required]
    divisions = {"answers": [*answers.values(), flow["not_approached"]], "statuses": [*statuses.values()]}
    withheld = giving_away(divisions, flow["listed"], rule)
    followed = [result["groups"][name]["n"] for name in (*APPROACHED, NOT_APPROACHED)]
    numbers = {
        "listed": table.total or SUPPRESSED,
        "approached": table.row_totals["approached"],
        **{key: table.rows["approached"][key] for key in answers},
        NOT_APPROACHED: table.rows["others"][NOT_APPROACHED],
        **{key: disclosure.count(n, rule) for key, n in statuses.items()},
        "died": disclosure.count(flow["died"], rule),
        "moved": disclosure.count(flow["moved"], rule),
    }
    if "answers" in withheld:
        numbers |= dict.fromkeys((*answers, NOT_APPROACHED), SUPPRESSED)
    if "statuses" in withheld:
        numbers |= dict.fromkeys(statuses, SUPPRESSED)
    if giving_away({"followed": followed}, flow["with_follow_up"], rule):
        numbers["with_follow_up"] = SUPPRESSED
    return numbers


def _group(group: Group, days: int, rule: Rule) -> dict[str, Disclosed]:
    """People followed, events, person-years and rates; all of them withheld with the people."""
    n = group["n"]
    numbers = {"n": disclosure.count(n, rule)}
    for when in ("pre", "post"):
        events = int(group[f"events_{when}"] or 0)  # type: ignore[literal-required]
        years, rate = group[f"person_years_{when}"], group[f"rate_{when}"]  # type: ignore[literal-required]
        few = SUPPRESSED if n and rule.hides(n) else NOT_APPLICABLE if not n else None
        numbers[f"events_{when}"] = few or disclosure.count(events, rule)
        numbers[f"person_years_{when}"] = few or _years(years or 0.0, days, rule)
        too_few = SUPPRESSED if 0 < n < ESTIMATE_FROM else None
        numbers[f"rate_{when}"] = too_few or disclosure.mean(rate or 0.0, n=n, total=events, rule=rule)
    return numbers


def _years(years: float, days: int, rule: Rule) -> Disclosed:
    """In steps that tell no more than the rounded number of people."""
    step = rule.base * days / DAYS_PER_YEAR
    rounded = round(round(years / step) * step, 1)
    return Disclosed(f"{rounded:,.1f}", rounded)


def _estimate(key: str, raw: dict[str, Any], result: Impact, rule: Rule) -> dict[str, Any]:
    raw = without_few(key, result, rule=rule) if key else raw
    if raw["shown"] and rule.hides(round(raw["observed"] or 0)):
        raw = {**raw, "shown": False, "reason": FEW_EVENTS}
    numbers = disclosure.estimate(raw, rule)
    if not raw["shown"]:
        numbers = {k: numbers[k] for k in ("n", "observed")} if raw["n"] is not None else {}
        numbers = {"n": SUPPRESSED, "observed": SUPPRESSED} | numbers
    shown = dict.fromkeys(disclosure.estimate({"n": None}, rule)) | _values(numbers)
    shown |= _values({k: disclosure.count(raw[k], rule) for k in ("n_comparator", "unmatched")})
    words: dict[str, Any] = {
        k: raw[k] for k in ("label", "controlled", "shown", "wide", "caveat", "reason") if k in raw
    }
    return {**words, **shown}


def _balance(result: Checks) -> dict[str, Any]:
    return {
        name: {**each, "before": round(each["before"], 2), "after": round(each["after"], 2)}
        for name, each in result["balance"].items()
    }
