"""Small people and activity tables, and a simulated world without any service."""

import numpy as np
import pandas as pd

INDEX = "2025-03-01"
COVARIATES = {"age": None, "sex": None, "imd_decile": None, "site": None}
BLANK = {
    "group": "accepted",
    "list_date": "2025-02-01",
    "approach_date": INDEX,
    "index_date": INDEX,
    "covered_from": "2023-01-01",
    "covered_to": "2026-12-31",
    "died_on": None,
    "moved_on": None,
    "withdrawn_on": None,
    **COVARIATES,
}


def people(*rows, **common):
    """People p0, p1, ... who are followed for a whole year on both sides unless a row says otherwise."""
    return pd.DataFrame([{"person": f"p{i}", **BLANK, **common, **row} for i, row in enumerate(rows)])


def activity(*dates, person="p0", measure="ae"):
    return pd.DataFrame({"person": person, "measure": measure, "on": list(dates)}, dtype=object)


def no_activity():
    return pd.DataFrame({"person": [], "measure": [], "on": []}, dtype=object)


def events(before, after, group="accepted", first=0):
    """People with so many attendances before and after, one list entry each; returns both tables."""
    rows = people(*({"group": group} for _ in before))
    rows["person"] = [f"{group}{first + i}" for i in range(len(rows))]
    counts = [*zip(rows["person"], before, ["2025-01-01"] * len(rows), strict=True)]
    counts += zip(rows["person"], after, ["2025-06-01"] * len(rows), strict=True)
    dated = [(person, "ae", day) for person, n, day in counts for _ in range(n)]
    return rows, pd.DataFrame(dated, columns=["person", "measure", "on"], dtype=object)


class World:
    """People whose own rate is drawn anew at a hazard of 0.25 a year; those listed were never helped.

    A list of more than 5 attendances in 12 months with one in the last 3, index at the list date.
    """

    def __init__(self, seed=1, population=300_000):
        rng = self.rng = np.random.default_rng(seed)
        rate = self._rates(population)
        months = np.empty((population, 24), dtype=np.int16)
        for month in range(24):
            moved = rng.random(population) < 1 - np.exp(-0.25 / 12)
            rate = np.where(moved, self._rates(population), rate)
            months[:, month] = rng.poisson(rate / 12)
        listed = (months[:, :12].sum(axis=1) > 5) & (months[:, 9:12].sum(axis=1) >= 1)
        self.share_listed = float(listed.mean())
        self.months = months[listed]

    def _rates(self, n):
        heavy = self.rng.random(n) < 0.01
        return np.where(heavy, self.rng.gamma(0.6, 8, n), self.rng.gamma(0.7, 0.6, n))

    def study(self, accepted, declined, effect=0.0):
        """Tables of a service that lowers the rate of those who accept by `effect`."""
        rng, n = self.rng, accepted + declined
        counts = self.months[rng.choice(len(self.months), n, replace=False)].copy()
        counts[:accepted, 12:] = rng.binomial(counts[:accepted, 12:], 1 - effect)
        who, month = np.nonzero(counts)
        repeat = counts[who, month]
        who, month = np.repeat(who, repeat), np.repeat(month, repeat)
        # Months of 30.4 days around the index date; the day of index itself counts as before.
        day = np.floor((month - 12 + rng.random(len(who))) * 365 / 12).astype(int)
        day = np.where((month >= 12) & (day < 1), 1, day)
        on = pd.Timestamp(INDEX) + pd.to_timedelta(day, unit="D")
        table = people(*[{"group": "accepted"}] * accepted, *[{"group": "declined"}] * declined)
        person = table["person"].to_numpy()[who]
        return table, pd.DataFrame({"person": person, "measure": "ae", "on": on})
