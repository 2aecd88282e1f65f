"""Cases that wait and teams that could take them, of any size."""

import random
from dataclasses import replace

from casework.allocation.people import Carrier, Needs, Problem, Waiting

LANGUAGES, AREAS = ["Polish", "Urdu", "Somali"], ["North", "East", "South"]
SKILLS = ["Alcohol and drugs", "Housing", "Mental health", "Money and benefits"]


def make(seed: int, cases: int, workers: int, *, used: float = 0.9) -> Problem:
    """A problem in which all cases together would take `used` of what the team can carry."""
    chance = random.Random(seed)
    team = [
        Carrier(
            worker,
            f"Worker {worker}",
            chance.choice([20, 30, 40, 60]),
            languages=frozenset(chance.sample(LANGUAGES, chance.choice([0, 0, 1]))),
            gender=chance.choice(["a woman", "a man"]),
            skills=frozenset(chance.sample(SKILLS, 2)),
            areas=frozenset(chance.sample(AREAS, 2)),
        )
        for worker in range(1, workers + 1)
    ]
    waiting = [
        Waiting(
            case,
            chance.choice([0.5, 1, 1.5, 2, 3, 4, 6, 8]),
            chance.choice("1234"),
            Needs(
                chance.choice([""] * 8 + LANGUAGES),
                chance.choice([""] * 6 + ["a woman", "a man"]),
                frozenset(chance.sample(SKILLS, chance.choice([0, 0, 1, 1, 2]))),
                chance.choice(["", *AREAS]),
                chance.random() < 0.15,
            ),
            frozenset({chance.randint(1, workers)}) if workers and chance.random() < 0.1 else frozenset(),
            frozenset({chance.randint(1, workers)}) if workers and chance.random() < 0.1 else frozenset(),
        )
        for case in range(1, cases + 1)
    ]
    points, capacity = sum(w.points for w in waiting), sum(c.capacity for c in team) or 1
    if points > used * capacity:
        factor = points / (used * capacity)
        return Problem(waiting, [replace(c, capacity=c.capacity * factor) for c in team])
    rest = used * capacity - points
    team = [replace(c, points=rest * c.capacity / capacity * chance.uniform(0.5, 1.4)) for c in team]
    return Problem(waiting, team)
