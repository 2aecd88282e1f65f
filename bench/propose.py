"""Sharing out 300 waiting cases among 20 workers, against the greedy assignment of the same cases."""

from bench import common
from casework.allocation.objective import Prices
from casework.allocation.propose import greedy, propose
from tests.casework.problems import make

CASES, WORKERS = 300, 20
# How much of what the team can carry the cases would take, with the seed of the made-up cases.
SIZES = [(1, 0.8), (2, 1.0), (3, 1.2)]


def run(times: int) -> None:
    """Measure and print one JSON line for each size of team."""
    propose(make(0, 3, 2))  # loads SciPy
    for seed, used in SIZES:
        problem = make(seed, CASES, WORKERS, used=used)
        found = [propose(problem) for _ in range(times)]
        spent = common.median([proposal.seconds for proposal in found])
        floor = common.median(
            [common.seconds(lambda problem=problem: greedy(problem, Prices(problem))) for _ in range(times)]
        )
        common.show(
            {
                "bench": "propose",
                "cases": CASES,
                "workers": WORKERS,
                "used": used,
                "seconds": spent,
                "greedy_seconds": floor,
                "ratio": round(spent / floor, 2),
                "price_to_greedy": round(found[0].price / found[0].greedy_price, 3),
                "goal_seconds": 2.0,
            }
        )
