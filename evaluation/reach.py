"""What is known of the people offered support, for "Who was reached". Exact: nothing here may leave as it is."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping

import pandas as pd

from cohorts.areas import living
from cohorts.areas.editions import EDITIONS
from cohorts.lists.equity import SEX_WORDS
from cohorts.rules import age_band
from evaluation.known import records
from evaluation.people import NO_ANSWER
from governance.models import Service
from governance.rules import age_on

AGES = tuple(dict.fromkeys(age_band(age) for age in range(120)))
QUINTILES = ("1 (most deprived)", "2", "3", "4", "5 (least deprived)")
ETHNICITIES = (
    "Asian or Asian British",
    "Black, Black British, Caribbean or African",
    "Mixed or multiple ethnic groups",
    "White",
    "Other ethnic group",
)
# The ethnic category codes of the NHS data dictionary (16+1), in the five groups of the census of 2021, which counts
# Chinese (R) as Asian.
CODES = dict(
    zip("HJKLRMNPDEFGABCS", [ETHNICITIES[0]] * 5 + [ETHNICITIES[1]] * 3 + [ETHNICITIES[2]] * 4
        + [ETHNICITIES[3]] * 3 + [ETHNICITIES[4]], strict=True)
)  # fmt: skip
# In words, the most telling first: "White and Asian" is mixed, "Black British" is not British.
WORDS = (
    (r"\bmixed\b|\bmultiple\b|white and|white &", ETHNICITIES[2]),
    (r"\bblack\b|\bafrican\b|\bcaribbean\b", ETHNICITIES[1]),
    (r"\basian\b|\bindian\b|\bpakistani\b|\bbangladeshi\b|\bchinese\b", ETHNICITIES[0]),
    (r"\bwhite\b|\bbritish\b|\birish\b|\broma\b|\btraveller\b", ETHNICITIES[3]),
    (r"\barab\b|\bother\b", ETHNICITIES[4]),
)
FIELDS = ("birth_date", "stated_age", "stated_age_on", "sex", "ethnicity", "postcode")
OFFERED = ("accepted", "declined", "not_reached", NO_ANSWER)
ROWS: Mapping[str, tuple[str, ...]] = {
    **{each.kind: QUINTILES for each in EDITIONS},
    "age": AGES,
    "sex": tuple(SEX_WORDS.values()),
    "ethnicity": ETHNICITIES,
}


def gather(service: Service, people: pd.DataFrame, *, known: datetime.datetime) -> pd.DataFrame:
    """Who was offered support, each with age band, sex, ethnicity and quintiles, by what was known of them before the
    moment `known`; "" where nobody knew it.

    Age is that of the day somebody first tried to get in touch, so that nobody moves between bands from one report to the
    next. A few questions, however many people.
    """
    offered = people[people["group"].isin(OFFERED)]
    first = offered["index_date"].where(offered["index_date"].notna(), offered["list_date"])
    days = dict(zip(offered["person"].astype(int), first, strict=True))
    now = {row.pop("pk"): row for row in service.people.filter(pk__in=days).values("pk", *FIELDS)}
    then = records.details_then(service, now, known=known)
    rows = [(person, *(told[name] for name in FIELDS)) for person, told in then.items()]
    deciles = living.deciles_by_postcode({postcode for *_, postcode in rows})
    found = [
        {
            "person": str(person),
            "age": _age_band(days[person], born, stated, stated_on),
            "sex": SEX_WORDS.get(sex, ""),
            "ethnicity": ethnic_group(ethnicity),
            **{e.kind: quintile(deciles.get(postcode, {}).get(e.kind)) for e in EDITIONS},
        }
        for person, born, stated, stated_on, sex, ethnicity, postcode in rows
    ]
    return pd.DataFrame(found, columns=["person", *ROWS]).merge(offered[["person", "group"]], on="person")


def _age_band(
    day: datetime.date | None,
    born: datetime.date | None,
    stated: int | None,
    stated_on: datetime.date | None,
) -> str:
    if day is None or pd.isna(day):
        return ""
    return age_band(age_on(day, birth_date=born, stated_age=stated, stated_age_on=stated_on))


def ethnic_group(given: str) -> str:
    """One of five groups, from a code or from words; empty where neither tells, or where it was not stated."""
    text = given.strip().lower()
    if len(text) == 1 or (len(text) == 2 and not text[1].isalpha()):
        return CODES.get(text[0].upper(), "")
    if re.search(r"not (stated|known|given)|unknown|refused|prefer not", text):
        return ""
    return next((group for pattern, group in WORDS if re.search(pattern, text)), "")


def quintile(decile: int | None) -> str:
    """Two tenths make a fifth."""
    return "" if decile is None else QUINTILES[(decile - 1) // 2]
