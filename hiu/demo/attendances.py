"""Invented people and their attendances, day by day. No Django; the same seed gives the same rows.

Each person has a rate of attending that is drawn from a heavy-tailed mixture and drawn anew now and
then, so that people chosen for a bad year have a better one anyway, as real ones do. The people are
those who attend more than most, so that two hundred of them fill a caseload.
"""

import datetime
import tomllib
from dataclasses import dataclass
from pathlib import Path

import nhs_number
import numpy as np
import pandas as pd

NAMES = tomllib.loads((Path(__file__).parent / "names.toml").read_text())
FIRST_NAMES = {"F": NAMES["female"].split(), "M": NAMES["male"].split()}
LAST_NAMES = NAMES["last"].split()
YEARLY_RATE_SHARES = ((0.40, 2.0), (0.40, 7.0), (0.16, 13.0), (0.04, 30.0))
REDRAWN_A_YEAR = 0.35
OUTCOMES = ("Sent home", "Admitted", "Left before treatment")
OUTCOME_SHARES = (0.68, 0.22, 0.10)
ARRIVALS = ("Ambulance", "Own transport", "Public transport", "Police")
ARRIVAL_SHARES = (0.42, 0.40, 0.13, 0.05)


@dataclass
class People:
    """Invented people, one row each, and the attendances they made."""

    people: pd.DataFrame
    attendances: pd.DataFrame


def invent(
    *, people: int, site: str, first_day: datetime.date, last_day: datetime.date, seed: int, first_number: int
) -> People:
    """People 19 to 88 years old with NHS numbers of the never-issued range, and their attendances."""
    chance = np.random.default_rng(seed)
    roster = _roster(people, chance, first_day, first_number)
    days = pd.date_range(first_day, last_day)
    rates = _daily_rates(people, len(days), chance)
    attends = chance.random(rates.shape) < rates
    # Everybody is in the extracts of the first year, so that nobody is missing from the demo.
    early = attends[:, :365].any(axis=1)
    attends[np.arange(people), chance.integers(0, min(365, len(days)), people)] |= ~early
    person, day = np.nonzero(attends)
    rows = roster.iloc[person].reset_index(drop=True)
    when = days[day]
    minutes = chance.integers(0, 1440, len(rows))
    rows["Attendance number"] = [f"{site[:2].upper()}{seed:03d}{n:07d}" for n in range(len(rows))]
    rows["Arrival date"] = when.strftime("%Y-%m-%d")
    rows["Arrival time"] = [f"{m // 60:02d}:{m % 60:02d}" for m in minutes]
    rows["Arrival mode"] = chance.choice(ARRIVALS, len(rows), p=ARRIVAL_SHARES)
    rows["Attendance category"] = chance.choice(["1", "2", "4"], len(rows), p=[0.93, 0.05, 0.02])
    rows["Site"] = site
    rows["Presenting complaint"] = chance.choice(NAMES["complaints"], len(rows))
    rows["Outcome"] = chance.choice(OUTCOMES, len(rows), p=OUTCOME_SHARES)
    return People(roster, rows.sort_values(["Arrival date", "Arrival time"], ignore_index=True))


def _roster(
    people: int, chance: np.random.Generator, first_day: datetime.date, first_number: int
) -> pd.DataFrame:
    numbers = never_issued(first_number + people)[first_number:]
    births = [
        first_day - datetime.timedelta(days=int(days)) for days in chance.integers(19 * 366, 86 * 365, people)
    ]
    digits, letters = chance.integers(1, 10, people), chance.choice(list("ABDEF"), people)
    sexes = chance.choice(["F", "M"], people)
    return pd.DataFrame(
        {
            "NHS number": numbers,
            "First name": [str(chance.choice(FIRST_NAMES[sex])) for sex in sexes],
            "Last name": chance.choice(LAST_NAMES, people),
            "Date of birth": [birth.isoformat() for birth in births],
            "Sex": sexes,
            "Address": [f"{chance.integers(1, 90)} {chance.choice(NAMES['streets'])}" for _ in range(people)],
            # ZZ99 is the pseudo-postcode area: no letter box has it.
            "Postcode": [f"ZZ99 {digit}{letter}Z" for digit, letter in zip(digits, letters, strict=True)],
            # Numbers Ofcom keeps for drama: they ring nowhere.
            "Phone": [f"07700 900{chance.integers(0, 1000):03d}" for _ in range(people)],
        }
    )


def _daily_rates(people: int, days: int, chance: np.random.Generator) -> np.ndarray:
    """Chance of attending, people × days; each person's level is redrawn with a yearly hazard."""
    shares, yearly = zip(*YEARLY_RATE_SHARES, strict=True)
    rates = np.empty((people, days))
    for row in range(people):
        day = 0
        while day < days:
            length = max(1, int(chance.exponential(365 / REDRAWN_A_YEAR)))
            level = chance.gamma(2.0, chance.choice(yearly, p=shares) / 2.0) / 365
            rates[row, day : day + length] = min(level, 0.6)
            day += length
    return rates


def never_issued(count: int) -> list[str]:
    """The first `count` valid NHS numbers of the range that is never given to anyone."""
    found: list[str] = []
    stem = 999_000_000
    while len(found) < count:
        found += [n for n in (f"{stem}{digit}" for digit in range(10)) if nhs_number.is_valid(n)]
        stem += 1
    return found
