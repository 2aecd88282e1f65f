"""How one kind of file is read: which column is which field, and how it writes dates and codes.

A profile ships as a TOML file in `profiles/`; anyone can write one. What a source stores is the
same thing as JSON, so that the mapping made on the page and the shipped one take one path.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cohorts.pipeline.fields import COUNTS, FIELDS, F, Shape
from cohorts.pipeline.synonyms import SEX, STANDARD_CODES

_FOLDER = Path(__file__).with_name("profiles")
_CONVENTIONS = ("formats", "unknown", "codes", "windows", "admitted_disposals")


class BadProfile(Exception):
    """The profile cannot be used; the message says which line and why."""


@dataclass(frozen=True)
class Conventions:
    """How a sender writes what cells hold. Keys are field names."""

    # strptime patterns, in the order they are tried; ISO dates of a spreadsheet are always read.
    formats: dict[str, list[str]] = field(default_factory=dict)
    # Texts that mean "not known".
    unknown: dict[str, list[str]] = field(default_factory=dict)
    # {what the file says: what it means}
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    # Months that a count covers.
    windows: dict[str, int] = field(default_factory=dict)
    # Disposal codes, as the file writes them, that mean the person was admitted.
    admitted_disposals: list[str] = field(default_factory=list)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Conventions":
        """From what `as_json` gave; a missing part is empty.

        Raises:
            BadProfile: for a field, a format or a code list that cannot be used.
        """
        formats = {name: _as_list(value) for name, value in stored.get("formats", {}).items()}
        unknown = {name: _as_list(value) for name, value in stored.get("unknown", {}).items()}
        codes = {
            name: {str(key): " ".join(str(value).split()) for key, value in table.items()}
            for name, table in stored.get("codes", {}).items()
        }
        windows = {name: int(months) for name, months in stored.get("windows", {}).items()}
        for name in [*formats, *unknown, *codes, *windows]:
            _check_field(name)
        for name in windows:
            if name not in COUNTS:
                raise BadProfile(f"windows: {name} is not a count.")
        return cls(formats, unknown, codes, windows, _as_list(stored.get("admitted_disposals", [])))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def code_table(self, name: str) -> dict[str, str]:
        """The sender's codes over the ones everybody uses, all in lower case."""
        standard = SEX if name == F.SEX else STANDARD_CODES.get(F(name), {})
        own = {key.strip().casefold(): value for key, value in self.codes.get(name, {}).items()}
        return {**standard, **own}

    def window(self, name: str) -> int:
        """Months that a count covers."""
        return self.windows.get(name, COUNTS[F(name)][1])


@dataclass(frozen=True)
class Profile:
    """A shipped or home-made description of one layout."""

    name: str
    title: str
    shape: str
    identifier: str
    measure: str
    coverage: str
    columns: dict[str, list[str]]  # {field: the names its column has in one file or another}
    conventions: Conventions

    @property
    def file_columns(self) -> dict[str, str]:
        """{column of the file: field}, as a source stores it."""
        return {column: name for name, columns in self.columns.items() for column in columns}


@dataclass(frozen=True)
class Layout:
    """What the pipeline needs to know of a source."""

    shape: str
    identifier: str
    columns: dict[str, str]  # {column of the file: field}
    conventions: Conventions

    @classmethod
    def of(cls, profile: Profile) -> "Layout":
        return cls(profile.shape, profile.identifier, profile.file_columns, profile.conventions)


def load(name_or_path: str) -> Profile:
    """A shipped profile by name, or one's own by the path of its TOML file.

    Raises:
        BadProfile: when there is none, or something in it cannot be used.
    """
    path = _FOLDER / f"{name_or_path}.toml"
    if not path.is_file():
        path = Path(name_or_path)
    if not path.is_file():
        raise BadProfile(
            f'There is no profile "{name_or_path}". Choose one of {", ".join(shipped())}, or a TOML file.'
        )
    try:
        return parse(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadProfile(f"{path.name} is not TOML: {error}.") from error


def shipped() -> list[str]:
    """The names of the profiles that come with the product."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def parse(name: str, data: Mapping[str, Any]) -> Profile:
    """A profile from the content of its TOML file.

    Raises:
        BadProfile: for an unknown key, field, shape or identifier.
    """
    _check_keys(data)
    columns = {field_name: _as_list(value) for field_name, value in data.get("columns", {}).items()}
    for field_name in columns:
        _check_field(field_name)
    profile = Profile(
        name=str(data.get("name", name)),
        title=str(data.get("title", name)),
        shape=str(data.get("shape", "attendances")),
        identifier=str(data.get("identifier", "nhs_number")),
        measure=str(data.get("measure", "ae")),
        coverage=str(data.get("coverage", "everyone")),
        columns=columns,
        conventions=Conventions.from_json(data),
    )
    _check(profile)
    return profile


def _check_keys(data: Mapping[str, Any]) -> None:
    known = {"name", "title", "shape", "identifier", "measure", "coverage", "columns", *_CONVENTIONS}
    if extra := sorted(set(data) - known):
        raise BadProfile(
            f"{extra[0]} is not something a profile can say. It can say {', '.join(sorted(known))}."
        )


def _check(profile: Profile) -> None:
    if profile.shape not in set(Shape):
        raise BadProfile(f'shape is "{profile.shape}"; it must be attendances or people.')
    if profile.identifier not in {F.NHS_NUMBER, F.PSEUDONYM}:
        raise BadProfile(f'identifier is "{profile.identifier}"; it must be nhs_number or pseudonym.')
    if profile.identifier not in profile.columns:
        raise BadProfile(f"columns must say which column holds the {FIELDS[F(profile.identifier)].label}.")
    for name in profile.columns:
        if profile.shape not in FIELDS[F(name)].shapes:
            raise BadProfile(f"columns: {name} cannot be in a file of shape {profile.shape}.")


def _check_field(name: str) -> None:
    if name not in set(F):
        raise BadProfile(f'"{name}" is not a field. The fields are {", ".join(F)}.')


def _as_list(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]
