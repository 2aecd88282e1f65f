"""A first mapping of a file's columns, with the reason for each, for an analyst to put right.

What is known best comes first: how this source was read before, then headings this service has seen, the
headings of national data sets, headings that are usual, and at last what the values look like.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from cohorts.pipeline import looks, profile, synonyms
from cohorts.pipeline.fields import FIELDS, F, Kind, label
from cohorts.pipeline.looks import Look
from cohorts.pipeline.open_workbook import normal

_NATIONAL = {"ecds": "an ECDS column", "hes_ae": "a HES A&E column"}
_TELLING = ("arriv", "attend", "start", "call", "admi", "appoint", "incident", "visit")
_BIRTH = ("birth", "dob", "born")
_LOOKS_LIKE = {
    F.NHS_NUMBER: "NHS numbers",
    F.POSTCODE: "postcodes",
    F.GP_PRACTICE: "codes of GP practices",
    F.PHONE: "telephone numbers",
    F.SEX: "words for sex",
    F.ARRIVAL_MODE: "ECDS codes of arrival",
    F.ACUITY: "ECDS codes of acuity",
    F.DISPOSAL: "ECDS codes of where somebody went",
}


@dataclass(frozen=True)
class Proposal:
    """What one column seems to be and why; `doubt` says what speaks against it."""

    field: str
    why: str
    doubt: str = ""


@dataclass(frozen=True)
class Known:
    """What is known before the file is opened."""

    shape: str
    identifier: str
    mine: Mapping[str, str]  # {column: field} as this source was read before
    seen: Mapping[str, tuple[str, str]]  # {heading made normal: (field, name of the source that has it)}


def propose(header: Sequence[str], columns: Sequence[Sequence[str]], known: Known) -> dict[str, Proposal]:
    """{column: proposal} for the columns that seem to be a field; each field is used once.

    Args:
        columns: the first values of each column.
    """
    seen = {name: looks.look(values) for name, values in zip(header, columns, strict=True)}
    found: dict[str, Proposal] = {}
    for by in (_as_before, _as_elsewhere, _as_nationally, _as_usual):
        for name in header:
            if name in found:
                continue
            proposal = by(name, known)
            if proposal and known.shape in FIELDS[F(proposal.field)].shapes:
                _take(found, name, _checked(proposal, seen[name], known))
    values = dict(zip(header, columns, strict=True))
    for name in header:
        if name not in found and (proposal := _by_values(name, seen[name], values[name], known)):
            _take(found, name, proposal)
    return found


def code_set_of(header: Sequence[str], columns: Sequence[Sequence[str]]) -> str:
    """The national code list that a file seems to use: by the codes in it, else by its headings."""
    fields = {looks.look(values).field for values in columns}
    if fields & {F.ARRIVAL_MODE, F.ACUITY, F.DISPOSAL}:
        return "ecds"
    names = {normal(name) for name in header}
    hits = {name: len(names & set(_national(name))) for name in _NATIONAL}
    best = max(hits, key=lambda name: hits[name])
    return best if hits[best] >= 3 and any(n != hits[best] for n in hits.values()) else ""


def _take(found: dict[str, Proposal], name: str, proposal: Proposal) -> None:
    if proposal.field not in {one.field for one in found.values()}:
        found[name] = proposal


def _as_before(name: str, known: Known) -> Proposal | None:
    mine = {normal(column): field for column, field in known.mine.items()}
    field = mine.get(normal(name))
    return Proposal(field, "this source was read so before") if field else None


def _as_elsewhere(name: str, known: Known) -> Proposal | None:
    field, source = known.seen.get(normal(name), ("", ""))
    return Proposal(field, f"a column of this name is read so from {source}") if field else None


def _as_nationally(name: str, known: Known) -> Proposal | None:
    found = {words: field for one, words in _NATIONAL.items() if (field := _national(one).get(normal(name)))}
    return Proposal(next(iter(found.values())), f"the name is {' and '.join(found)}") if found else None


def _as_usual(name: str, known: Known) -> Proposal | None:
    field = synonyms.field_of(name)
    return Proposal(field, "columns of this name usually are") if field else None


@cache
def _national(name: str) -> dict[str, str]:
    return {normal(column): field for column, field in profile.load(name).file_columns.items()}


def _checked(proposal: Proposal, look: Look, known: Known) -> Proposal:
    """The proposal held against the values; they decide between date and time, and between two identifiers."""
    field = proposal.field
    moved = {
        (F.ARRIVED_ON, looks.DATE_TIME): F.ARRIVED_AT,
        (F.ARRIVED_TIME, looks.DATE_TIME): F.ARRIVED_AT,
        (F.ARRIVED_AT, looks.DATE): F.ARRIVED_ON,
        (F.ARRIVED_TIME, looks.DATE): F.ARRIVED_ON,
        (F.ARRIVED_ON, looks.TIME): F.ARRIVED_TIME,
    }.get((F(field), look.shape))
    if moved:
        return Proposal(moved, f"{proposal.why}, and {look.words} hold a {look.shape}")
    if field == F.NHS_NUMBER and look.seen and look.field != F.NHS_NUMBER:
        if known.identifier == F.PSEUDONYM:
            return Proposal(
                F.PSEUDONYM, "the values are no NHS numbers, and this source names people otherwise"
            )
        return Proposal(field, proposal.why, "Too few of its values look like NHS numbers.")
    return Proposal(field, proposal.why, _doubt(field, look))


def _doubt(field: str, look: Look) -> str:
    if not look.seen:
        return "It is empty in the first rows."
    kind = FIELDS[F(field)].kind
    if kind in (Kind.DATE, Kind.DATETIME):
        if look.shape == looks.DAY_NUMBER:
            return "Its values are numbers, which may be days as spreadsheets count them."
        if look.shape not in (looks.DATE, looks.DATE_TIME):
            return "Too few of its values look like dates."
    return ""


def _by_values(name: str, look: Look, values: Sequence[str], known: Known) -> Proposal | None:
    if look.field and known.shape in FIELDS[F(look.field)].shapes:
        return Proposal(look.field, f"{look.words} look like {_LOOKS_LIKE[F(look.field)]}")
    plain = normal(name)
    telling = any(word in plain for word in _TELLING)
    if look.shape == looks.DATE and (any(word in plain for word in _BIRTH) or _are_births(values)):
        return Proposal(F.BIRTH_DATE, f"{look.words} are dates, and years apart as births are")
    if (
        look.shape in (looks.DATE, looks.DATE_TIME, looks.DAY_NUMBER)
        and known.shape == "attendances"
        and telling
    ):
        field = F.ARRIVED_AT if look.shape == looks.DATE_TIME else F.ARRIVED_ON
        return Proposal(
            field, f"the name is like “{label(field)}” and {look.words} look like one", _doubt(field, look)
        )
    if look.shape == looks.TIME and known.shape == "attendances" and telling:
        return Proposal(
            F.ARRIVED_TIME, f"the name is like “{label(F.ARRIVED_TIME)}” and {look.words} look like one"
        )
    return None


def _are_births(values: Sequence[str]) -> bool:
    found = looks.years(values)
    return len(found) >= 5 and max(found) - min(found) > 20
