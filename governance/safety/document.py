"""The safety case as a page and on paper, from the hazard log alone."""

import dataclasses
import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string

from governance import printing
from governance.safety.log import Log
from governance.safety.matrix import (
    LIKELIHOOD_WORDS,
    MATRIX,
    RATING_WORDS,
    SEVERITY_WORDS,
    Likelihood,
    Severity,
    in_words,
    rating,
)

COLOURS = {1: "green", 2: "green", 3: "yellow", 4: "red", 5: "red"}
STEM = "safety-case"


def context(log: Log) -> dict[str, Any]:
    """What the templates of the safety case need."""
    return {
        "log": log,
        "hazards": [(hazard, COLOURS[hazard.after.rating]) for hazard in log.hazards],
        "stats": [
            {"value": len(log.hazards), "label": "hazards"},
            {"value": len(log.tests), "label": "tests that show a control"},
            {"value": log.highest, "label": "highest rating left", "note": "of 1 to 5"},
        ],
        "matrix_head": [
            {"label": "Likelihood"},
            *({"label": in_words(s), "numeric": True} for s in Severity),
        ],
        "matrix": [[in_words(at), *MATRIX[at]] for at in reversed(Likelihood)],
        "left_head": [
            {"label": "Likelihood"},
            *({"label": in_words(s), "numeric": True} for s in Severity),
        ],
        "left": [[in_words(at), *(_left(log, s, at) for s in Severity)] for at in reversed(Likelihood)],
        "levels": [(in_words(s), SEVERITY_WORDS[s]) for s in Severity],
        "chances": [(in_words(at), LIKELIHOOD_WORDS[at]) for at in Likelihood],
        "ratings": [(number, words, log.with_rating(number)) for number, words in RATING_WORDS.items()],
    }


def html(log: Log) -> str:
    """A whole HTML document that fetches nothing: its styles are inside."""
    return render_to_string(
        "governance/safety/safety_document.html", {**context(log), "styles": printing.styles()}
    )


@lru_cache(maxsize=1)
def pdf(log: Log) -> bytes:
    """The same as a tagged PDF. Raises printing.CannotDraw where Pango is missing.

    It takes seconds to draw, and is the same until the product changes.
    """
    return printing.from_html(html(log), identifier=log.sha256)


def as_json(log: Log) -> str:
    """The log for other programs, with the ratings worked out."""
    told = dataclasses.asdict(log)
    for hazard, row in zip(log.hazards, told["hazards"], strict=True):
        row["before"]["rating"], row["after"]["rating"] = hazard.before.rating, hazard.after.rating
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


# How each file of the safety case is drawn, by its ending.
DRAW: dict[str, Callable[[Log], bytes]] = {
    "html": lambda log: html(log).encode(),
    "json": lambda log: as_json(log).encode(),
    "pdf": pdf,
}


def file_name(log: Log, ending: str) -> str:
    """ "safety-case-v1.pdf"."""
    return f"{STEM}-v{log.version}.{ending}"


def _left(log: Log, severity: Severity, likelihood: Likelihood) -> str:
    """The numbers of the hazards that are left in one square, and nothing where there is none."""
    here = [h.id for h in log.hazards if (h.after.severity, h.after.likelihood) == (severity, likelihood)]
    return f"{len(here)} (rated {rating(severity, likelihood)})" if here else "–"
