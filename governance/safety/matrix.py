"""How bad, how likely, and what the two make together. No Django here.

The names of the levels and the five by five matrix follow the guidance on DCB0129, from memory: the
clinical safety officer of the maker confirms them. The sentences are ours.
"""

from enum import StrEnum


class Severity(StrEnum):
    """The worst that could reasonably follow, for one person."""

    MINOR = "minor"
    SIGNIFICANT = "significant"
    CONSIDERABLE = "considerable"
    MAJOR = "major"
    CATASTROPHIC = "catastrophic"


class Likelihood(StrEnum):
    """How often that is to be expected."""

    VERY_LOW = "very_low"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very_high"


SEVERITY_WORDS = {
    Severity.MINOR: "Inconvenience, or distress that passes",
    Severity.SIGNIFICANT: "Distress or a short injury of one person; privacy lost to one known reader",
    Severity.CONSIDERABLE: "Lasting distress, an injury that needs care, or privacy lost to strangers",
    Severity.MAJOR: "Permanent harm, abuse found out too late, or the death of one person",
    Severity.CATASTROPHIC: "The death of several people",
}
LIKELIHOOD_WORDS = {
    Likelihood.VERY_LOW: "Would surprise everybody",
    Likelihood.LOW: "Could happen in a service some day",
    Likelihood.MEDIUM: "Happens in a service once in two years",
    Likelihood.HIGH: "Happens in a service every year",
    Likelihood.VERY_HIGH: "Happens in a service every month",
}

# Rating 1 to 5: a row for each likelihood, a column for each severity, both from the lowest up.
MATRIX: dict[Likelihood, tuple[int, int, int, int, int]] = {
    Likelihood.VERY_LOW: (1, 1, 2, 2, 3),
    Likelihood.LOW: (1, 2, 2, 3, 4),
    Likelihood.MEDIUM: (2, 2, 3, 3, 4),
    Likelihood.HIGH: (2, 3, 3, 4, 5),
    Likelihood.VERY_HIGH: (3, 4, 4, 5, 5),
}

# Up to here a risk may stand without a word; above it somebody says why it is accepted.
ACCEPTABLE = 2
# From here on nobody can accept it: the product is not used until it is lower.
UNACCEPTABLE = 4

RATING_WORDS = {
    1: "Acceptable",
    2: "Acceptable",
    3: "Undesirable: stands only with a reason, while it cannot be made lower",
    4: "Unacceptable: make it lower before use",
    5: "Unacceptable: do not use",
}


def rating(severity: Severity, likelihood: Likelihood) -> int:
    """The rating of a risk, 1 (lowest) to 5."""
    return MATRIX[likelihood][list(Severity).index(severity)]


def in_words(level: str) -> str:
    """A level as people read it: "very_low" is "Very low"."""
    return level.replace("_", " ").capitalize()
