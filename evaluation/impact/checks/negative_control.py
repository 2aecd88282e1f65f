"""The headline for an outcome that no support can move, such as broken bones: it must be 1.

If those who accepted break fewer bones than was to be expected too, something else than the service sets them apart
(Lipsitch, Tchetgen Tchetgen and Cohen 2010).
"""

from __future__ import annotations

from dataclasses import replace

from evaluation.impact.estimators.observed_expected import CAVEAT, WHO, over_expected
from evaluation.impact.result import Estimate
from evaluation.impact.study import Study
from evaluation.impact.tables import NEGATIVE_CONTROL
from evaluation.impact.windows import person_windows

LABEL = "negative control: an outcome that support cannot change"
NOT_SUPPLIED = f"Not supplied: no row of the activity table has the measure '{NEGATIVE_CONTROL}'."


def negative_control(study: Study) -> Estimate:
    """Observed over expected of the rows called `negative_control`, taken to be covered as the measure itself is.

    They come from the same feed: which attendances they are, whoever makes the tables knows.
    """
    events = study.activity[study.activity["measure"] == NEGATIVE_CONTROL]
    if events.empty:
        accepted = int(study.expected.among("accepted").sum())
        return Estimate(n=accepted, label=LABEL, controlled=True, reason=NOT_SUPPLIED)
    windows = person_windows(study.people, events, study.window_days)
    found = replace(study, windows=windows, measure=NEGATIVE_CONTROL).expected
    return over_expected(found, found.among("accepted"), words=WHO, label=LABEL, caveat=CAVEAT)
