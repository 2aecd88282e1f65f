"""The estimators on two CSV files, to run inside a trust: no database, no web framework, and only aggregates leave.

python -m evaluation.standalone --people people.csv --activity activity.csv
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

import pandas as pd

from evaluation.disclosure import DEFAULT_BASE, DEFAULT_THRESHOLD, Rule
from evaluation.impact.estimators.change import KEY
from evaluation.impact.natural_fall import FALL_PERCENT, natural_fall_sentence
from evaluation.impact.release import release
from evaluation.impact.run import impact
from evaluation.impact.tables import MEASURES, InputProblem
from evaluation.impact.windows import WINDOW_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

MONTHS = dict(zip((3, 6, 9, 12), WINDOW_DAYS, strict=True))
REFUSED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the estimates after disclosure control; 1 and a sentence on standard error when they are refused."""
    options = _parser().parse_args(arguments)
    try:
        rule = _rule(options.threshold, options.round_to)
        result = impact(
            _table("people", options.people),
            _table("activity", options.activity),
            measure=options.measure,
            window_days=MONTHS[options.window_months],
            seed=options.seed,
        )
    except InputProblem as problem:
        sys.stderr.write(f"{problem}\n")
        return REFUSED
    shown = release(result, rule)
    fall = _natural_fall(options.list, options.measure, MONTHS[options.window_months])
    text = json.dumps(shown) if options.json else "\n".join(_lines(shown, fall))
    sys.stdout.write(f"{text}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evaluation.standalone", description=__doc__)
    parser.add_argument("--people", required=True, help="CSV: a row for each person listed")
    parser.add_argument("--activity", required=True, help="CSV with the columns person, measure, on")
    parser.add_argument("--measure", default="ae", choices=MEASURES)
    parser.add_argument("--window-months", type=int, default=12, choices=MONTHS)
    parser.add_argument("--list", default="r12", choices=FALL_PERCENT["dyn"], help="the list most like yours")
    parser.add_argument("--seed", type=int, default=0, help="start of the random draws")
    parser.add_argument(
        "--threshold", type=int, default=DEFAULT_THRESHOLD, help="counts up to this are withheld"
    )
    parser.add_argument("--round-to", type=int, default=DEFAULT_BASE, help="other counts are rounded to this")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    return parser


def _rule(threshold: int, base: int) -> Rule:
    try:
        return Rule(threshold, base)
    except ValueError as problem:
        raise InputProblem(str(problem)) from None


def _table(name: str, path: str) -> pd.DataFrame:
    """A CSV file as text. Raises InputProblem when it is none."""
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8-sig")
    except OSError as problem:
        raise InputProblem(
            f"{name}: '{path}' cannot be opened ({problem.strerror}). Check the path."
        ) from None
    except UnicodeDecodeError:
        raise InputProblem(f"{name}: '{path}' is not text in UTF-8. Save it as CSV UTF-8.") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        raise InputProblem(
            f"{name}: '{path}' is not a CSV file with one row of column names and as many cells in every row."
        ) from None


def _natural_fall(kind: Any, measure: str, days: int) -> str:
    sentence = natural_fall_sentence(kind, window_days=days)
    return sentence if measure == "ae" else f"{sentence} (That was measured of A&E attendances.)"


def _lines(shown: dict[str, Any], fall: str) -> list[str]:
    plan, estimates = shown["plan"], shown["estimates"]
    lines = [
        f"{plan['measure']}, {plan['window_days']} days before and after. Plan {plan['hash']}.",
        _numbers("people", shown["flow"]),
        *(_numbers(name, group) for name, group in shown["groups"].items()),
    ]
    checks = [("", shown[name]) for name in ("largest_person", "placebo", "negative_control")]
    for key, each in (*estimates.items(), *checks):
        lines += [_sentence(each), *([f"  {fall}"] if key == KEY else [])]
    values = shown["e_value"]
    if values["estimate"] is not None:
        lines.append(f"E-value of the headline: {values['estimate']}; of its interval: {values['limit']}.")
    if shown["balance"]:
        flagged = [name for name, each in shown["balance"].items() if each["flagged"]]
        lines.append(f"Not alike after matching: {', '.join(flagged) or 'nothing'}.")
    caveats = {each["label"].capitalize(): each["caveat"] for each in estimates.values() if each["caveat"]}
    return [*lines, *(f"{label}. {caveat}" for label, caveat in caveats.items())]


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


if __name__ == "__main__":
    sys.exit(main())
