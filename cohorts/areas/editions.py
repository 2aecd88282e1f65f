"""The editions of the Indices of Multiple Deprivation, and which areas each is about. Pure: no queries, no clock.

IMD 2019 ranks the 32,844 areas (LSOA) of the census of 2011, IMD 2025 the 33,755 of the census of 2021. Many codes
are in both and do not always stand for the same streets, and the editions are not comparable one by one: so a decile
is looked up by the areas of its own census only, and never shown without its year.
"""

from dataclasses import dataclass
from enum import StrEnum

from governance.rules import RuleBroken


class Kind(StrEnum):
    """What a published file is."""

    IMD_2019 = "imd_2019"
    IMD_2025 = "imd_2025"
    POSTCODES = "postcodes"


@dataclass(frozen=True)
class Edition:
    """One edition: its year, the census year of its areas, and how many there are in England."""

    kind: Kind
    year: int
    areas_of: int
    areas: int

    @property
    def title(self) -> str:
        return f"IMD {self.year}"

    @property
    def source(self) -> str:
        """What is cited where nobody says otherwise."""
        return f"English Indices of Deprivation {self.year}, by LSOA of {self.areas_of}"


EDITIONS = (
    Edition(Kind.IMD_2019, 2019, areas_of=2011, areas=32_844),
    Edition(Kind.IMD_2025, 2025, areas_of=2021, areas=33_755),
)
OPEN_LICENCE = "Open Government Licence v3.0"
DECILES = range(1, 11)


def edition_of(areas_of: int) -> Edition:
    """The edition about the areas of a census."""
    return next(each for each in EDITIONS if each.areas_of == areas_of)


def check_areas(edition: Edition, areas_of: int) -> None:
    """Raises RuleBroken where areas of another census are looked up in an edition, or loaded as it."""
    if areas_of != edition.areas_of:
        raise RuleBroken(
            f"{edition.title} is about the areas of {edition.areas_of}, and these are areas of {areas_of}. "
            f"Their codes look alike and mean other places; {edition_of(areas_of).title} is about these."
        )


def in_words(decile: int) -> str:
    """A decile as people say it: "1 (most deprived)"; its year is said beside it."""
    return f"{decile}{ {1: ' (most deprived)', 10: ' (least deprived)'}.get(decile, '') }"


def compact(postcode: str) -> str:
    """A postcode without spaces, in capitals: how files of postcodes and extracts are brought together."""
    return "".join(postcode.upper().split())
