"""Whether two descriptions are of one person: points for and against, each with its reason in words.

The points follow how seldom a detail agrees by chance, in the manner of Fellegi and Sunter (1969), rounded
and set by hand, since no service has pairs enough to learn them from. Somebody always decides; the points
only say what to show, and in which order. A detail that is missing on either side says nothing.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field

import jellyfish

from governance.identity import names

# From here on it is worth a person's time to look; below, chance explains it.
PROPOSE = 8.0
LIKELY = 12.0
_ALIKE = 0.84  # of names that differ in a letter or two, or only in how they are written


@dataclass(frozen=True)
class Described:
    """What is known of somebody. Empty is "not supplied"."""

    first_name: str = ""
    last_name: str = ""
    birth_date: datetime.date | None = None
    sex: str = ""
    postcode: str = ""
    phone: str = ""
    nhs_number: str = ""
    # Ten digits that fail their check digit.
    sent_number: str = ""


@dataclass(frozen=True)
class Reason:
    """One detail and what it says, in words that repeat no detail."""

    words: str
    points: float

    @property
    def speaks_for(self) -> bool:
        return self.points > 0


@dataclass(frozen=True)
class Likeness:
    """What speaks for and against two being one person."""

    reasons: list[Reason] = field(default_factory=list)

    @property
    def score(self) -> float:
        return sum(reason.points for reason in self.reasons)

    @property
    def for_it(self) -> list[str]:
        """What speaks for it, in words."""
        return [reason.words for reason in self.reasons if reason.speaks_for]

    @property
    def against_it(self) -> list[str]:
        """What speaks against it, in words."""
        return [reason.words for reason in self.reasons if not reason.speaks_for]

    @property
    def is_proposed(self) -> bool:
        """Whether somebody should look at the two."""
        return self.score >= PROPOSE

    @property
    def words(self) -> str:
        return "Likely the same person" if self.score >= LIKELY else "Possibly the same person"


def compare(one: Described, other: Described) -> Likeness:
    """What each detail says of the two being one person."""
    return Likeness([*_numbers(one, other), *_names(one, other), *_births(one, other), *_rest(one, other)])


def _numbers(one: Described, other: Described) -> Iterator[Reason]:
    if one.nhs_number and other.nhs_number:
        yield Reason("Each has an NHS number, and the numbers differ.", -8)
    for sent, known in ((one.sent_number, other.nhs_number), (other.sent_number, one.nhs_number)):
        if sent and known:
            slips = jellyfish.damerau_levenshtein_distance(sent, known)
            if slips == 1:
                yield Reason("The NHS number that was sent is one slip away from theirs.", 6)
            elif slips > 2:
                yield Reason("The NHS number that was sent is quite another than theirs.", -2)


def _names(one: Described, other: Described) -> Iterator[Reason]:
    first, last = (
        (names.words(one.first_name), names.words(other.first_name)),
        (names.words(one.last_name), names.words(other.last_name)),
    )
    if all((*first, *last)) and first[0] != first[1] and (first[0], last[0]) == (last[1], first[1]):
        yield Reason("First and last name are the same, the other way round.", 5)
        return
    yield from _name("Last names", *last, same=4, alike=2.5, else_=-3)
    yield from _name("First names", *first, same=3, alike=2, else_=-6)


def _name(
    what: str, one: list[str], other: list[str], *, same: float, alike: float, else_: float
) -> Iterator[Reason]:
    if not one or not other:
        return
    nearest = max(names.likeness(*sorted((word, also), key=len)) for word in one for also in other)
    if one == other:
        yield Reason(f"{what} are the same.", same)
    elif nearest == 1:
        yield Reason(f"{what} have a part in common.", alike)
    elif nearest >= _ALIKE:
        yield Reason(f"{what} look or sound alike.", alike)
    else:
        yield Reason(f"{what} differ.", else_)


def _births(one: Described, other: Described) -> Iterator[Reason]:
    born, also = one.birth_date, other.birth_date
    if born is None or also is None:
        return
    if born == also:
        yield Reason("Dates of birth are the same.", 6)
    elif born.year == also.year and (born.day, born.month) == (also.month, also.day):
        yield Reason("Dates of birth have day and month exchanged.", 4)
    elif jellyfish.damerau_levenshtein_distance(f"{born:%Y%m%d}", f"{also:%Y%m%d}") == 1:
        yield Reason("Dates of birth differ in one place.", 3)
    else:
        yield Reason("Dates of birth differ.", -6)


def _rest(one: Described, other: Described) -> Iterator[Reason]:
    if one.sex and other.sex:
        same = one.sex == other.sex
        yield Reason("Sex is the same.", 0.5) if same else Reason("Sex differs.", -3)
    here, there = ("".join(each.postcode.split()).upper() for each in (one, other))
    if here and there:
        if here == there:
            yield Reason("Postcodes are the same.", 3)
        elif here[:-3] == there[:-3]:
            yield Reason("Postcodes are of the same district.", 1)
        else:
            yield Reason("Postcodes differ; people move.", -1)
    if one.phone and names.phone(one.phone) == names.phone(other.phone):
        yield Reason("Telephone numbers are the same.", 3)
