"""Thousands of services in worlds in which the truth is known: bias and coverage of every estimate.

python -m tests.evaluation.drill [replications] [cell ...]
"""

import sys
from dataclasses import dataclass, field

import numpy as np

from evaluation.impact.checks.placebo import placebo
from evaluation.impact.estimators import all_estimators
from evaluation.impact.run import study_of
from tests.evaluation.simulated import Service, listed, study

EFFECTS = (0.0, 0.4)
ESTIMATORS = {each.KEY: each.estimate for each in all_estimators()}
SHOWN = (*ESTIMATORS, "placebo")


@dataclass(frozen=True)
class Cell:
    """One kind of service in one world. `fair` where those who accept are like the comparators but for what the
    tables hold; `unseen` where they differ in what no table holds, and only the offer-based estimate can do."""

    world: str = "dyn"
    kind: str = "r12"
    service: Service = field(default_factory=Service)
    window_days: int = 365
    fair: bool = True
    unseen: bool = False


CELLS = {
    "nb": Cell(world="nb"),
    "mix": Cell(world="mix"),
    "dyn": Cell(),
    "dyn6": Cell(world="dyn6"),
    "large": Cell(service=Service(approached=360)),
    "small": Cell(service=Service(approached=40)),
    "half a year": Cell(window_days=182),
    "top250": Cell(kind="top250", service=Service(list_size=250)),
    "w12": Cell(kind="w12", service=Service(list_size=300)),
    "busier accept": Cell(service=Service(accept="busier")),
    "leaving unknown": Cell(service=Service(leaving="unknown")),
    "in crisis accept": Cell(service=Service(accept="in_crisis"), fair=False, unseen=True),
    "in crisis accept, large": Cell(
        service=Service(accept="in_crisis", approached=360), fair=False, unseen=True
    ),
    "comparators' leaving unknown": Cell(service=Service(leaving="comparators_unknown"), fair=False),
}


@dataclass(frozen=True)
class Found:
    """The replications of one estimate: percent reduction and whether the interval holds the truth."""

    reduction: np.ndarray
    lo: np.ndarray
    hi: np.ndarray
    truth: float

    @property
    def shown(self):
        return ~np.isnan(self.reduction)

    @property
    def bias(self):
        """Mean error of the reduction, in points."""
        return float(np.nanmean(self.reduction) - 100 * self.truth)

    @property
    def median_bias(self):
        return float(np.nanmedian(self.reduction) - 100 * self.truth)

    @property
    def coverage(self):
        """Percent of the 95% intervals that hold the truth."""
        ratio = 1 - self.truth
        return 100 * float(np.mean(((self.lo <= ratio) & (ratio <= self.hi))[self.shown]))

    @property
    def claims(self):
        """Percent of replications in which the interval says that it works."""
        return 100 * float(np.mean((self.hi < 1)[self.shown]))


def run(cell, effect, replications, people=None, seed=1, keys=SHOWN):
    """The estimates `keys` of so many services; the truth is the effect on those who accept."""
    people = people or listed(cell.world, cell.kind, seed=seed)
    # Another stream than the one the people came from.
    rng = np.random.default_rng([seed, 1])
    rows = []
    for replication in range(replications):
        tables = study(rng, people, cell.service, effect)
        given = study_of(*tables, measure="ae", window_days=cell.window_days, seed=replication)
        found = [placebo(given) if key == "placebo" else ESTIMATORS[key](given) for key in keys]
        rows.append([[_number(n) for n in (each.reduction_percent, each.lo, each.hi)] for each in found])
    truths = [0.0 if key == "placebo" else effect for key in keys]
    columns = np.array(rows).transpose(1, 2, 0)
    return {key: Found(*each, truth) for key, each, truth in zip(keys, columns, truths, strict=True)}


def _number(value):
    return np.nan if value is None else value


def line(name, effect, found):
    """One line of the table; the offer's effect on everybody approached is known only when there is none."""
    parts = [
        f"{key} {each.bias:+5.1f} ({each.median_bias:+5.1f}) {each.coverage:5.1f} {each.claims:5.1f}"
        for key, each in found.items()
        if key != "offer_itt" or not effect
    ]
    return f"{name}, {100 * effect:.0f}%: " + " | ".join(parts)


def main(replications, names):
    print("bias (median) coverage claims, in percent")  # noqa: T201
    for name in names or CELLS:
        cell = CELLS[name]
        people = listed(cell.world, cell.kind)
        for effect in EFFECTS:
            print(line(name, effect, run(cell, effect, replications, people)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100, sys.argv[2:])
