"""What `evaluate_impact` and the stand-alone program print: every answer as a sentence, after disclosure control."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from evaluation.impact.estimators.change import KEY
from evaluation.impact.natural_fall import ListKind, natural_fall_sentence


def lines(shown: dict[str, Any], *, kind: ListKind, estimates: Collection[str] = ()) -> list[str]:
    """What was found, a sentence each. `kind`: the simulated list most like this one, whose natural fall stands beside the
    change. `estimates`: only these of them; all where none is named.
    """
    plan = shown["plan"]
    asked = {key: each for key, each in shown["estimates"].items() if key in estimates or not estimates}
    fall = _natural_fall(kind, plan["measure"], plan["window_days"])
    told = [
        f"{plan['measure']}, {plan['window_days']} days before and after. Plan {plan['hash']}.",
        _numbers("people", shown["flow"]),
        *(_numbers(name, group) for name, group in shown["groups"].items()),
    ]
    checks = [("", shown[name]) for name in ("largest_person", "placebo", "negative_control")]
    for key, each in (*asked.items(), *checks):
        told += [_sentence(each), *([f"  {fall}"] if key == KEY else [])]
    values = shown["e_value"]
    if values["estimate"] is not None:
        told.append(f"E-value of the headline: {values['estimate']}; of its interval: {values['limit']}.")
    if shown["balance"]:
        flagged = [name for name, each in shown["balance"].items() if each["flagged"]]
        told.append(f"Not alike after matching: {', '.join(flagged) or 'nothing'}.")
    caveats = {each["label"].capitalize(): each["caveat"] for each in asked.values() if each["caveat"]}
    told += _over_time(shown["over_time"])
    return [*told, *(f"{label}. {caveat}" for label, caveat in caveats.items())]


def _numbers(name: str, numbers: dict[str, Any]) -> str:
    """What is not supplied, or not applicable because there is nobody, is left out."""
    known = [f"{key.replace('_', ' ')} {_cell(value)}" for key, value in numbers.items() if value is not None]
    return f"{name.replace('_', ' ').capitalize()}: {', '.join(known)}."


def _sentence(each: dict[str, Any]) -> str:
    start = f"{each['label'].capitalize()} (people: {_cell(each['n'])})"
    if not each["shown"]:
        return f"{start}: not shown. {each['reason']}"
    if each["rate_ratio"] == "*":
        return f"{start}: withheld, because a count behind it is small."
    words = (
        f"{start}: rate ratio {each['rate_ratio']:.2f} ({each['lo']:.2f} to {each['hi']:.2f}), "
        f"fall {each['reduction_percent']:.0f}% ({each['reduction_lo']:.0f}% to {each['reduction_hi']:.0f}%)"
    )
    if each["avoided"] is not None and each["controlled"]:
        words += f", avoided {each['avoided']:.0f} ({each['avoided_lo']:.0f} to {each['avoided_hi']:.0f})"
    return words + (". Few people: the interval is wide." if each["wide"] else ".")


def _cell(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:,g}"


def _natural_fall(kind: ListKind, measure: str, days: int) -> str:
    sentence = natural_fall_sentence(kind, window_days=days)
    return sentence if measure == "ae" else f"{sentence} (That was measured of A&E attendances.)"


def _over_time(found: dict[str, Any]) -> Iterator[str]:
    for each in found["intakes"]:
        own = each["own"]
        when = (
            f"{each['first_listed_from']} to {each['first_listed_to']}"
            if each["first_listed_to"]
            else "on no list"
        )
        yield (
            f"First listed {when} (people: {_cell(own['n'])}): rate ratio {_cell(own['rate_ratio'])} ({_cell(own['lo'])} to "
            f"{_cell(own['hi'])}); all so far {_cell(each['so_far']['rate_ratio'])}."
        )
    titles = {
        "still_attending": "No three months without an attendance yet",
        "after_support": "Back after support",
    }
    for part, title in titles.items():
        for name, each in (found[part] or {}).items():
            shares = ", ".join(
                f"{_cell(share)}% by {day} days"
                for day, share in each["percent_by_day"].items()
                if share is not None
            )
            if shares:
                yield f"{title}, {name.replace('_', ' ')} (people: {_cell(each['n'])}): {shares}.".replace(
                    "*%", "*"
                )
