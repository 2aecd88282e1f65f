"""In which areas people live, and how deprived those are: a few questions, however many people."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from cohorts.areas.editions import EDITIONS, Edition, Kind, check_areas, compact
from cohorts.lists.sentences import both
from cohorts.models import AreaDecile, PostcodeArea, ReferenceFile


@dataclass(frozen=True)
class Loaded:
    """Which published files there are, by kind; the newest of each."""

    files: Mapping[str, ReferenceFile]

    def knows(self, edition: Edition) -> bool:
        """Whether a decile of the edition can be known of anybody: its file, and postcodes with its areas."""
        postcodes = self.files.get(Kind.POSTCODES)
        return (
            edition.kind in self.files
            and postcodes is not None
            and str(edition.areas_of) in postcodes.areas_of.split()
        )

    def why_not(self, edition: Edition) -> str:
        """What lacks, in a sentence; empty where nothing does."""
        lacking = [] if edition.kind in self.files else [f"the file of {edition.title}"]
        postcodes = self.files.get(Kind.POSTCODES)
        if postcodes is None or str(edition.areas_of) not in postcodes.areas_of.split():
            lacking.append(f"a file of postcodes with their LSOA of {edition.areas_of}")
        if not lacking:
            return ""
        return (
            f"{edition.title} is not supplied: {both(lacking)} was not loaded. "
            "Whoever looks after this system loads it with manage.py load_reference."
        )

    @property
    def cited(self) -> list[str]:
        """Where the figures come from, and under which licence."""
        return [f"{each.source}. {each.licence}." for _, each in sorted(self.files.items())]


def loaded() -> Loaded:
    """The newest file of each kind."""
    newest = ReferenceFile.objects.order_by("kind", "-loaded_at", "-pk").distinct("kind")
    return Loaded({each.kind: each for each in newest})


def deciles(edition: Edition, areas: Collection[str], *, areas_of: int) -> dict[str, int]:
    """{area: decile} of those the edition knows.

    Raises:
        RuleBroken: these are not the areas that the edition is about.
    """
    check_areas(edition, areas_of)
    rows = AreaDecile.objects.filter(edition=edition.kind, area__in=areas)
    return dict(rows.values_list("area", "decile"))


def deciles_by_postcode(postcodes: Iterable[str]) -> dict[str, dict[str, int]]:
    """{postcode as given: {edition: decile}}; what is not known is absent. Three questions."""
    given = {postcode: compact(postcode) for postcode in postcodes if postcode}
    rows = PostcodeArea.objects.filter(postcode__in=set(given.values()))
    areas_of = {postcode: {2011: a11, 2021: a21} for postcode, a11, a21 in rows.values_list(
        "postcode", "area_2011", "area_2021"
    )}  # fmt: skip
    found: dict[str, dict[str, int]] = {postcode: {} for postcode in given}
    for edition in EDITIONS:
        year = edition.areas_of
        wanted = {area for each in areas_of.values() if (area := each[year])}
        known = deciles(edition, wanted, areas_of=year)
        for postcode, plain in given.items():
            decile = known.get(areas_of.get(plain, {}).get(year) or "")
            if decile is not None:
                found[postcode][edition.kind] = decile
    return found
