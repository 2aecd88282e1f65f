"""Worlds in which the truth is known: people whose rates differ and change, lists made of them, and services.

`nb` gives everybody a rate from one gamma, `mix` from a mixture of gammas, both for ever; `dyn` draws a
person's rate anew at a hazard of 0.25 a year, `dyn6` at 0.6. Calibrated to published figures: under 1% of
people attend 5 times or more in a year; of those with 8 attendances about 55% have at least 5 again in the
next year, of those with 15 about 82% (`dyn`).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

LIST_DAY = pd.Timestamp("2025-03-01")
MONTH = 365 / 12
# Two years before the list date and sixteen months after it: a wait of up to 3 months and a year to follow.
BEFORE, AFTER = 24, 16
HAZARD = {"nb": 0.0, "mix": 0.0, "dyn": 0.25, "dyn6": 0.6}
# Share of people, shape and scale (attendances a year) of each gamma.
GAMMAS = {"nb": ((1.0, 0.1, 4.4),)}
MIXTURE = ((0.011, 0.85, 5.6), (0.989, 0.55, 0.68))


def rates(rng, world, n):
    parts = GAMMAS.get(world, MIXTURE)
    which = rng.choice(len(parts), n, p=[share for share, *_ in parts])
    shape, scale = np.array([part[1:] for part in parts])[which].T
    return rng.gamma(shape, scale)


@dataclass
class Listed:
    """People of one list: attendances of each month from BEFORE months before the list date, and what their rate
    was on that date."""

    months: np.ndarray
    rate: np.ndarray

    def __len__(self):
        return len(self.months)


def listed(world, kind="r12", at_least=3000, seed=1, chunk=400_000, most_chunks=12):
    """Everybody of a large population whom the rule lists: `r12` more than 5 in 12 months and one in the last
    3; `top250` the 250 who attend most of every 60,000; `w12` more than 5 in 12 weeks."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(most_chunks):
        found.append(_listed(rng, world, kind, chunk))
        if sum(map(len, found)) >= at_least:
            break
    return Listed(np.concatenate([f.months for f in found]), np.concatenate([f.rate for f in found]))


def some_people(n=1200, seed=1):
    """People who attend often, without a list rule: enough to hold a formula to."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2, 4, n)
    return Listed(rng.poisson(rate[:, None] / 12, (n, BEFORE + AFTER)), rate)


def _listed(rng, world, kind, n):
    rate, months = rates(rng, world, n), np.empty((n, BEFORE + AFTER), dtype=np.int16)
    for month in range(BEFORE):
        rate = _moved(rng, world, rate)
        months[:, month] = rng.poisson(rate / 12)
    year, quarter = months[:, BEFORE - 12 : BEFORE].sum(axis=1), months[:, BEFORE - 3 : BEFORE].sum(axis=1)
    if kind == "r12":
        who = np.flatnonzero((year > 5) & (quarter >= 1))
    elif kind == "w12":
        who = np.flatnonzero(quarter > 5)
    else:
        who = np.argsort(-(year + rng.random(n)))[: 250 * n // 60_000]
    months, rate = months[who], rate[who]
    at_list = rate.copy()
    for month in range(BEFORE, BEFORE + AFTER):
        rate = _moved(rng, world, rate)
        months[:, month] = rng.poisson(rate / 12)
    return Listed(months, at_list)


def _moved(rng, world, rate):
    moved = np.flatnonzero(rng.random(len(rate)) < 1 - np.exp(-HAZARD[world] / 12))
    rate = rate.copy()
    rate[moved] = rates(rng, world, len(moved))
    return rate


@dataclass(frozen=True)
class Service:
    """Whom a service approaches, who accepts, and what is known of those who leave."""

    approached: int = 110
    accept: str = "any"  # any, busier (more attendances) or in_crisis (a high rate now, which no table holds)
    leaving: str = "known"  # known, comparators_unknown or unknown (of everybody)
    list_size: int = 500
    share: float = 0.55


def study(rng, people, service, effect=0.0):
    """People and activity of one service that lowers the attendances of those who accept by `effect`, with
    last year's list beside it."""
    rows = rng.choice(len(people), 2 * service.list_size, replace=False)
    months, rate = people.months[rows], people.rate[rows]
    this_year = np.arange(len(rows)) < service.list_size
    wait = rng.integers(0, 92, len(rows))
    # 6% die and 8% move away a year.
    gone = [rng.exponential(365 / -np.log(1 - share), len(rows)) for share in (0.06, 0.08)]
    leave = np.minimum(*gone)
    order = rng.permutation(np.flatnonzero(this_year & (leave > wait)))[: service.approached]
    accepted = order[rng.random(len(order)) < _acceptance(service, months[order], rate[order])]
    group = np.where(this_year, "not_approached", "last_year").astype(object)
    group[order], group[accepted] = "declined", "accepted"

    who, month = np.repeat(np.indices(months.shape).reshape(2, -1), months.ravel(), axis=1)
    day = np.floor((month - BEFORE + rng.random(len(who))) * MONTH).astype(int)
    prevented = (group[who] == "accepted") & (day > wait[who]) & (rng.random(len(who)) < effect)
    kept = (day < leave[who]) & ~prevented
    who, day = who[kept], day[kept]
    day_0 = np.where(this_year, LIST_DAY, LIST_DAY - pd.Timedelta(days=365)).astype("datetime64[D]")
    approached = np.isin(group, ["accepted", "declined"])
    nowhere = np.datetime64("NaT", "D")

    def known(days, other):
        hidden = {"known": False, "unknown": True, "comparators_unknown": ~approached}[service.leaving]
        return np.where((days < other) & ~np.asarray(hidden), day_0 + np.floor(days).astype(int), nowhere)

    index = np.where(approached, day_0 + wait, nowhere)
    table = pd.DataFrame(
        {
            "person": np.char.add("p", np.arange(len(rows)).astype(str)),
            "group": group,
            "list_date": day_0,
            "approach_date": index,
            "index_date": index,
            "covered_from": day_0 - np.timedelta64(int(BEFORE * MONTH), "D"),
            "covered_to": day_0 + np.timedelta64(int(AFTER * MONTH), "D"),
            "died_on": known(gone[0], gone[1]),
            "moved_on": known(gone[1], gone[0]),
            "withdrawn_on": nowhere,
        }
    )
    events = pd.DataFrame(
        {"person": table["person"].to_numpy()[who], "measure": "ae", "on": day_0[who] + day}
    )
    return table, events


def _acceptance(service, months, rate):
    if service.accept == "any":
        return np.full(len(rate), service.share)
    what = months[:, BEFORE - 12 : BEFORE].sum(axis=1) if service.accept == "busier" else rate
    rank = what.argsort().argsort() / len(what)
    return np.clip(service.share + 0.7 * (rank - 0.5), 0, 1)
