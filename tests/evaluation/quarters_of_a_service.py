"""Quarter after quarter of an invented service, as its report prints them; without a database."""

import random
from collections import Counter
from dataclasses import dataclass, field

import pandas as pd

from evaluation import blocks
from evaluation.differencing.printed import read_report
from evaluation.disclosure import DEFAULT_RULE
from evaluation.quarters import Quarter, parse
from evaluation.reach import AGES, ETHNICITIES, QUINTILES
from evaluation.sections import flow, reach

ANSWERS = ["accepted", "accepted", "declined", "not_reached", "no_answer"]


@dataclass(frozen=True)
class Known:
    """As much of the evidence as the tables of people ask for."""

    reach: pd.DataFrame
    quarter: Quarter
    groups: dict[str, int]
    withheld: frozenset = frozenset()
    supplied: list = field(default_factory=list)


def snapshot_of(known) -> dict:
    sections = [blocks.section("flow", "", [flow._people(known)]), reach.build(known)]
    return {
        "quarter": str(known.quarter),
        "period": {"to": known.quarter.last_day.isoformat()},
        "sections": sections,
        "withheld": [list(each) for each in known.withheld],
    }


def release_of(known):
    return read_report(snapshot_of(known), DEFAULT_RULE)


def quarters(seed: int, *, number: int = 8, a_quarter: int = 20, last: str = "2026-Q3"):
    """What is known at the end of each quarter, oldest first: people join, and those who had not answered do."""
    rng = random.Random(seed)
    rows, waiting = [], rng.randint(50, 250)
    for quarter in parse(last).back(number):
        for row in rows:
            if row["group"] == "no_answer":
                row["group"] = rng.choice(ANSWERS)
        for _ in range(rng.randint(a_quarter // 2, a_quarter * 3 // 2)):
            rows.append(
                {
                    "person": str(len(rows)),
                    "group": rng.choice(ANSWERS),
                    "age": rng.choices(AGES, [0, 2, 5, 6, 5, 4, 2, 2, 1])[0],
                    "sex": rng.choice(["Women", "Men", "Men"]),
                    "ethnicity": rng.choices([*ETHNICITIES, ""], [2, 1, 1, 14, 1, 3])[0],
                    "imd_2019": "",
                    "imd_2025": rng.choices([*QUINTILES, ""], [8, 5, 3, 2, 1, 1])[0],
                }
            )
        waiting = max(0, waiting + rng.randint(-5, 15))
        groups = {**Counter(row["group"] for row in rows), "not_approached": waiting}
        yield Known(pd.DataFrame(rows), quarter, groups)
