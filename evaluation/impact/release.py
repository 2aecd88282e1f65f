"""The answer of `impact`, fit to leave: after disclosure control, small numbers as "*"."""

from __future__ import annotations

from typing import Any

from evaluation import disclosure
from evaluation.disclosure import DEFAULT_RULE, NOT_APPLICABLE, SUPPRESSED, Disclosed, Rule
from evaluation.disclosure_table import control_table, giving_away
from evaluation.impact.flow import Flow, Group
from evaluation.impact.run import Impact
from evaluation.impact.sample import ESTIMATE_FROM
from evaluation.impact.tables import APPROACHED, NOT_APPROACHED

STATUSES = ("with_follow_up", "not_enough_follow_up", "not_supplied", "no_index_date")
# A ratio beside printed counts would give a withheld one away: whose counts stand behind it.
BEHIND = {"change": ("accepted",), "accepted_vs_declined": ("accepted", "declined")}
FEW_EVENTS = "Too few events: a ratio would give away a number that is withheld."
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


def _values(numbers: dict[str, Disclosed]) -> dict[str, Any]:
    return {key: each.text if each.suppressed else each.value for key, each in numbers.items()}


def _flow(result: Impact, rule: Rule) -> dict[str, Disclosed]:
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
    arms = [result["groups"][name] for name in BEHIND.get(key, ())]
    behind = [int(arm[when] or 0) for arm in arms for when in ("events_pre", "events_post")]
    if raw["observed"] is not None:
        behind.append(round(raw["observed"]))
    if raw["shown"] and any(rule.hides(each) for each in behind):
        raw = {**raw, "shown": False, "reason": FEW_EVENTS}
    numbers = disclosure.estimate(raw, rule)
    if not raw["shown"]:
        numbers = {"n": numbers["n"], "observed": numbers["observed"]}
    shown = dict.fromkeys(disclosure.estimate({"n": None}, rule)) | _values(numbers)
    shown |= _values({k: disclosure.count(raw[k], rule) for k in ("n_comparator", "unmatched")})
    words: dict[str, Any] = {
        k: raw[k] for k in ("label", "controlled", "shown", "wide", "caveat", "reason") if k in raw
    }
    return {**words, **shown}


def _balance(result: Impact) -> dict[str, Any]:
    return {
        name: {**each, "before": round(each["before"], 2), "after": round(each["after"], 2)}
        for name, each in result["balance"].items()
    }
