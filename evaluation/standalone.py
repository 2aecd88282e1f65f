"""The estimators on two CSV files, to run inside a trust: no database, no web framework, and only aggregates leave.

python -m evaluation.standalone --people people.csv --activity activity.csv
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

import pandas as pd

from evaluation.disclosure import DEFAULT_BASE, DEFAULT_THRESHOLD, Rule
from evaluation.impact import words
from evaluation.impact.curves.release import over_time
from evaluation.impact.natural_fall import FALL_PERCENT
from evaluation.impact.release import release
from evaluation.impact.run import checks_of, figures_of, study_of
from evaluation.impact.tables import MEASURES, InputProblem
from evaluation.impact.windows import DAYS_OF_MONTHS

if TYPE_CHECKING:
    from collections.abc import Sequence

REFUSED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the estimates after disclosure control; 1 and a sentence on standard error when they are refused."""
    options = _parser().parse_args(arguments)
    try:
        rule = _rule(options.threshold, options.round_to)
        study = study_of(
            _table("people", options.people),
            _table("activity", options.activity),
            measure=options.measure,
            window_days=DAYS_OF_MONTHS[options.window_months],
            seed=options.seed,
        )
        shown = {
            **release({**figures_of(study), **checks_of(study)}, rule),
            "over_time": over_time(study, rule=rule),
        }
    except InputProblem as problem:
        sys.stderr.write(f"{problem}\n")
        return REFUSED
    text = json.dumps(shown) if options.json else "\n".join(words.lines(shown, kind=options.list))
    sys.stdout.write(f"{text}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evaluation.standalone", description=__doc__)
    parser.add_argument("--people", required=True, help="CSV: a row for each person listed")
    parser.add_argument("--activity", required=True, help="CSV with the columns person, measure, on")
    parser.add_argument("--measure", default="ae", choices=MEASURES)
    parser.add_argument("--window-months", type=int, default=12, choices=DAYS_OF_MONTHS)
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


if __name__ == "__main__":
    sys.exit(main())
