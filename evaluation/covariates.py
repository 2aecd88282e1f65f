"""Age, sex and deprivation of people, for the estimators, as they were known at a moment."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from cohorts.areas import living
from cohorts.areas.editions import EDITIONS
from evaluation.known import records
from governance.models import Service
from governance.rules import age_on

FIELDS = ("birth_date", "stated_age", "stated_age_on", "sex", "postcode")


@dataclass(frozen=True)
class Known:
    """What was known of people, by their id, and the decile of deprivation of each postcode."""

    details: records.Details
    deciles: Mapping[str, int]


def known_of(service: Service, people: Collection[int], *, known: datetime.datetime) -> Known:
    """By what was stored before the moment `known`. A few questions, however many people."""
    now = {row.pop("pk"): row for row in service.people.filter(pk__in=people).values("pk", *FIELDS)}
    then = records.details_then(service, now, known=known)
    found = living.deciles_by_postcode({each["postcode"] for each in then.values()})
    # Editions are not comparable one by one: the newest that tells of anybody, for all.
    kinds = [each.kind for each in EDITIONS if any(each.kind in deciles for deciles in found.values())]
    newest = kinds[-1] if kinds else None
    return Known(then, {postcode: d[newest] for postcode, d in found.items() if newest in d})


def with_covariates(people: pd.DataFrame, of: Known) -> pd.DataFrame:
    """The people table with `age` on the day somebody was listed, or first approached where they never were, `sex` and
    `imd_decile`; missing where nobody knew it.
    """
    details = [of.details.get(int(person), dict.fromkeys(FIELDS)) for person in people["person"]]
    days = people["list_date"].where(people["list_date"].notna(), people["index_date"])
    return people.assign(
        age=pd.Series(
            [_age(day, each) for day, each in zip(days, details, strict=True)], dtype=object
        ).values,
        sex=pd.Series([each["sex"] or None for each in details], dtype=object).values,
        imd_decile=pd.Series(
            [of.deciles.get(each["postcode"] or "") for each in details], dtype=object
        ).values,
    )


def _age(day: datetime.date | None, details: Mapping[str, object]) -> int | None:
    if day is None or pd.isna(day):
        return None
    return age_on(
        day,
        birth_date=details["birth_date"],  # type: ignore[arg-type]
        stated_age=details["stated_age"],  # type: ignore[arg-type]
        stated_age_on=details["stated_age_on"],  # type: ignore[arg-type]
    )
