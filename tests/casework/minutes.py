"""Logged minutes whose true weights are known: cases that differ, workers who log differently, weeks that vary."""

import numpy as np

from casework.allocation.calibration import Span
from casework.allocation.weights import REFERENCE, Part

TRUTH = {
    Part.CHAOS: {"1": 2.4, "2": 4.0, "3": 5.0, "4": 9.0, "unscored": 4.4},
    Part.STAGE: {"offered": 0.7, "engaging": 1.3, "active": 1.0, "tapering": 0.4, "light_touch": 0.15},
    Part.TRAVEL: {"near": 1.0, "middle": 1.2, "far": 1.5, "remote": 1.9},
    Part.RHYTHM: {"often": 1.8, "weekly": 1.0, "fortnightly": 0.6, "monthly": 0.3},
}
MINUTES_A_POINT = 15.0


def simulate(seed: int, *, cases: int = 300, workers: int = 8, weeks: int = 13) -> list[Span]:
    """A quarter of one service. Each case has up to two spans, with a frailty of its own in both."""
    chance = np.random.default_rng(seed)
    habits = np.exp(chance.normal(0, 0.25, workers))
    levels = {part: list(values) for part, values in TRUTH.items()}
    spans = []
    for case in range(cases):
        frailty = chance.gamma(1 / 0.35, 0.35)
        worker = int(chance.integers(workers))
        chaos, travel, rhythm = (chance.choice(levels[p]) for p in (Part.CHAOS, Part.TRAVEL, Part.RHYTHM))
        first = int(chance.integers(4, weeks + 1))
        for length in (first, weeks - first):
            if not length:
                continue
            stage = chance.choice(levels[Part.STAGE], p=[0.1, 0.2, 0.4, 0.15, 0.15])
            points = TRUTH[Part.CHAOS][chaos] * TRUTH[Part.STAGE][stage]
            points *= TRUTH[Part.TRAVEL][travel] * TRUTH[Part.RHYTHM][rhythm]
            mean = points * MINUTES_A_POINT * length * frailty * habits[worker]
            # Contacts come in lumps of about half an hour.
            minutes = 30.0 * chance.poisson(mean * chance.gamma(5, 0.2) / 30)
            spans.append(
                Span(case, worker, str(chaos), str(stage), str(travel), str(rhythm), length, minutes)
            )
    return spans


def covered(estimates) -> list[bool]:
    """For each line that was estimated, whether the truth lies in its interval."""
    return [
        one.low <= TRUTH[one.part][one.level] <= one.high
        for one in estimates
        if one.value is not None and one.level != REFERENCE[one.part]
    ]
