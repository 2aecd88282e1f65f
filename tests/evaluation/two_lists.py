"""One population and two lists of it a year apart, so that many stand on both: whom of the earlier list to keep.

python -m tests.evaluation.two_lists [replications]
"""

import sys

import numpy as np
import pandas as pd

from evaluation.impact.estimators import observed_expected
from evaluation.impact.run import study_of
from evaluation.impact.tables import PEOPLE_DATES
from tests.evaluation.drill import Found
from tests.evaluation.simulated import AFTER, BEFORE, LIST_DAY, MONTH, _moved, rates

YEAR = 365
# Months before the earlier list, which is a year before the list of the service.
THEN, NOW = BEFORE, BEFORE + 12
THEN_DAY = np.datetime64(LIST_DAY, "D") - YEAR
LISTED, APPROACHED, SHARE = 250, 110, 0.55
WAYS = {
    "both": lambda then, now, approached: (then, now),
    "once": lambda then, now, approached: (then, now & (~then | approached)),
    "without those listed again": lambda then, now, approached: (then & (~now | approached), now),
    "only those not listed again": lambda then, now, approached: (then & ~now, now),
    "nobody": lambda then, now, approached: (then & False, now),
}


def population(world="dyn", people=300_000, times=3, seed=1):
    """Attendances by month of everybody who is on either list (more than 5 in 12 months, one in the last 3), and on which."""
    found = []
    for part in range(times):
        rng = np.random.default_rng([seed, part])
        rate, months = rates(rng, world, people), np.empty((people, NOW + AFTER), dtype=np.int16)
        for month in range(months.shape[1]):
            rate = _moved(rng, world, rate)
            months[:, month] = rng.poisson(rate / 12)
        then, now = (
            (months[:, m - 12 : m].sum(axis=1) > 5) & (months[:, m - 3 : m].sum(axis=1) >= 1)
            for m in (THEN, NOW)
        )
        found.append((months[then | now], then[then | now], now[then | now]))
    return [np.concatenate(each) for each in zip(*found, strict=True)]


def study(rng, everybody, way, effect=0.0):
    """The two tables of one service that lowers the attendances of those who accept by `effect`."""
    months, then, now = everybody
    rows = rng.choice(len(months), int(LISTED * len(months) / now.sum()), replace=False)
    months, then, now = months[rows], then[rows], now[rows]
    wait = rng.integers(0, 92, len(rows))
    gone = [rng.exponential(YEAR / -np.log(1 - share), len(rows)) for share in (0.06, 0.08)]
    leave = np.minimum(*gone)
    now = now & (leave > YEAR)
    order = rng.permutation(np.flatnonzero(now & (leave > YEAR + wait)))[:APPROACHED]
    group = np.full(len(rows), "not_approached", dtype=object)
    group[order] = np.where(rng.random(len(order)) < SHARE, "accepted", "declined")
    approached = group != "not_approached"

    who, month = np.repeat(np.indices(months.shape).reshape(2, -1), months.ravel(), axis=1)
    day = np.floor((month - THEN + rng.random(len(who))) * MONTH).astype(int)
    prevented = (group[who] == "accepted") & (day > YEAR + wait[who]) & (rng.random(len(who)) < effect)
    kept = (day < leave[who]) & ~prevented
    people = pd.DataFrame(dict.fromkeys(PEOPLE_DATES, np.full(len(rows), np.datetime64("NaT", "D"))))
    people = people.assign(
        person=[f"p{n}" for n in range(len(rows))],
        covered_from=THEN_DAY - int(BEFORE * MONTH),
        covered_to=THEN_DAY + YEAR + int(AFTER * MONTH),
        died_on=people["died_on"].mask(gone[0] < gone[1], THEN_DAY + gone[0].astype(int)),
        moved_on=people["moved_on"].mask(gone[1] < gone[0], THEN_DAY + gone[1].astype(int)),
    )
    this_year = people.assign(group=group, list_date=THEN_DAY + YEAR)
    this_year["index_date"] = this_year["index_date"].mask(approached, THEN_DAY + YEAR + wait)
    earlier = people.assign(group="last_year", list_date=THEN_DAY)
    of_then, of_now = WAYS[way](then, now, approached)
    events = pd.DataFrame(
        {"person": people["person"].to_numpy()[who[kept]], "measure": "ae", "on": THEN_DAY + day[kept]}
    )
    return pd.concat([this_year[of_now], earlier[of_then]], ignore_index=True), events


def run(everybody, way, effect, replications, seed=7):
    """The headline of so many services."""
    rng = np.random.default_rng(seed)
    found = []
    for replication in range(replications):
        tables = study(rng, everybody, way, effect)
        given = study_of(*tables, measure="ae", window_days=YEAR, seed=replication)
        answer = observed_expected.estimate(given)
        found.append([answer.reduction_percent, answer.lo, answer.hi])
    return Found(*np.array(found, dtype=float).T, effect)


def main(replications):
    everybody = population()
    for way in WAYS:
        for effect in (0.0, 0.4):
            found = run(everybody, way, effect, replications)
            print(f"{way}, {effect:.0%}: bias {found.bias:+.1f}, coverage {found.coverage:.1f}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 150)
