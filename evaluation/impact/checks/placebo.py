"""The headline with the index date a year too early, when no service can have done anything: it must be 1."""

from __future__ import annotations

import pandas as pd

from evaluation.impact.estimators.observed_expected import CAVEAT, over_expected
from evaluation.impact.result import Estimate
from evaluation.impact.study import Study
from evaluation.impact.windows import person_windows

LABEL = "placebo: index date one year earlier"
WHO = "accepted and have 24 months of history"
EARLIER = pd.Timedelta(days=365)


def placebo(study: Study) -> Estimate:
    """Observed over expected as if everybody had been approached 365 days before they were.

    Both arms were picked for the same bad year, which is now "after": that cancels. What is left is how those
    who accepted differed from the pool before anything was offered.
    """
    people = study.people.assign(index_date=study.people["index_date"] - EARLIER)
    windows = person_windows(people, study.events, study.window_days)
    earlier = Study(
        people=people,
        activity=study.events,
        windows=windows,
        measure=study.measure,
        window_days=study.window_days,
        seed=study.seed,
        pool_problem=study.pool_problem,
    )
    found = earlier.expected
    return over_expected(found, found.among("accepted"), words=WHO, label=LABEL, caveat=CAVEAT)
