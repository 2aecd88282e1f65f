"""How one kind of file is read: which column is which field, and how it writes dates and codes.

A profile ships as a TOML file in `profiles/`; anyone can write one. What a source stores is the
same thing as JSON, so that the mapping made on the page and the shipped one take one path.
"""

import datetime
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cohorts.pipeline.fields import COUNTS, FIELDS, F, Shape
from cohorts.pipeline.synonyms import SEX, STANDARD_CODES

if TYPE_CHECKING:
    from cohorts.pipeline.codes import Meaning

_FOLDER = Path(__file__).with_name("profiles")
_CODE_SETS = Path(__file__).with_name("code_sets")
_CONVENTIONS = (
    "formats", "unknown", "codes", "windows", "admitted_disposals", "code_set", "date_order", "day_numbers",
)  # fmt: skip
# How a file writes 3 April: 03/04 or 04/03. Where nobody says, the dates of each file decide it, once.
DATE_ORDERS = ("day_first", "month_first")
# The first year of the calendar in which a spreadsheet counts days.
DAY_NUMBERS = ("1900", "1904")
_COVERAGES = ("everyone", "listed")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


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
    # The national code list that the sender uses, if any: a file of `code_sets/`.
    code_set: str = ""
    # One of DATE_ORDERS, or blank where each file's own dates decide.
    date_order: str = ""
    # One of DAY_NUMBERS where dates are numbers of days; blank where they are not, or where a workbook says.
    day_numbers: str = ""

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Conventions":
        """From what `as_json` gave; a missing part is empty.

        Raises:
            BadProfile: for a field, a format or a code list that cannot be used.
        """
        formats = {name: _as_list(value) for name, value in _table(stored, "formats").items()}
        unknown = {name: _as_list(value) for name, value in _table(stored, "unknown").items()}
        codes = {
            name: {str(key): " ".join(str(value).split()) for key, value in _table(tables, name).items()}
            for tables in [_table(stored, "codes")]
            for name in tables
        }
        windows = {name: _months(name, value) for name, value in _table(stored, "windows").items()}
        for name in [*formats, *unknown, *codes, *windows]:
            _check_field(name)
        for name in windows:
            if name not in COUNTS:
                raise BadProfile(f"windows: {name} is not a count.")
        for name, patterns in formats.items():
            _check_patterns(name, patterns)
        choices = {name: str(stored.get(name, "")) for name in ("code_set", "date_order", "day_numbers")}
        _check_choices(choices)
        admitted = _as_list(stored.get("admitted_disposals", []))
        return cls(formats, unknown, codes, windows, admitted, **choices)

    def as_json(self) -> dict[str, Any]:
        """As a source stores it and as a profile says it."""
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

    @property
    def as_source(self) -> dict[str, Any]:
        """What a source stores of a profile."""
        return {
            "shape": self.shape,
            "identifier": self.identifier,
            "measure": self.measure,
            "coverage": self.coverage,
            "profile": self.name[:60],
            "columns": self.file_columns,
            "formats": self.conventions.as_json(),
        }


@dataclass(frozen=True)
class Layout:
    """What the pipeline needs to know of a source."""

    shape: str
    identifier: str
    columns: dict[str, str]  # {column of the file: field}
    conventions: Conventions
    # What the service said of single codes, newest first.
    meanings: tuple["Meaning", ...] = ()

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
    return from_toml(path.stem, path.read_bytes(), name=path.name)


def from_toml(stem: str, content: bytes, *, name: str) -> Profile:
    """A profile from the text of a TOML file.

    Raises:
        BadProfile: when it is no TOML, or something in it cannot be used.
    """
    try:
        return parse(stem, tomllib.loads(content.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise BadProfile(f"{name} is not TOML: it is not text in UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise BadProfile(f"{name} is not TOML: {error}.") from error


def shipped() -> list[str]:
    """The names of the profiles that come with the product."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def parse(name: str, data: Mapping[str, Any]) -> Profile:
    """A profile from the content of its TOML file.

    Raises:
        BadProfile: for an unknown key, field, shape or identifier.
    """
    _check_keys(data)
    columns = {field_name: _as_list(value) for field_name, value in _table(data, "columns").items()}
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


def as_toml(profile: Profile) -> str:
    """The text of the TOML file that `parse` makes the same profile of."""
    about = {name: getattr(profile, name) for name in ("title", "shape", "identifier", "measure", "coverage")}
    stored = profile.conventions.as_json()
    tables = {name: value for name, value in stored.items() if isinstance(value, dict) and value}
    plain = {name: value for name, value in stored.items() if not isinstance(value, dict) and value}
    lines = [*_pairs(about | plain), "", "[columns]", *_pairs(profile.columns)]
    for name, table in tables.items():
        parts = {f"codes.{key}": value for key, value in table.items()} if name == "codes" else {name: table}
        for heading, values in parts.items():
            lines += ["", f"[{heading}]", *_pairs(values)]
    return "\n".join(lines) + "\n"


def _pairs(table: Mapping[str, Any]) -> list[str]:
    return [
        f"{key if _BARE_KEY.fullmatch(key) else _toml(key)} = {_toml(value)}" for key, value in table.items()
    ]


def _toml(value: Any) -> str:
    """A text, a whole number or a list of them; JSON writes these as TOML does, but for one character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _check_keys(data: Mapping[str, Any]) -> None:
    known = {"name", "title", "shape", "identifier", "measure", "coverage", "columns", *_CONVENTIONS}
    if extra := sorted(set(data) - known):
        raise BadProfile(
            f"{extra[0]} is not something a profile can say. It can say {', '.join(sorted(known))}."
        )


def _check(profile: Profile) -> None:
    if profile.shape not in set(Shape):
        raise BadProfile(f'shape is "{profile.shape}"; it must be attendances or people.')
    measures = dict.fromkeys(measure for measure, _ in COUNTS.values())
    if profile.measure not in measures:
        raise BadProfile(f'measure is "{profile.measure}"; it must be one of {", ".join(measures)}.')
    if profile.coverage not in _COVERAGES:
        raise BadProfile(f'coverage is "{profile.coverage}"; it must be {" or ".join(_COVERAGES)}.')
    if profile.identifier not in {F.NHS_NUMBER, F.PSEUDONYM}:
        raise BadProfile(f'identifier is "{profile.identifier}"; it must be nhs_number or pseudonym.')
    if profile.identifier not in profile.columns:
        raise BadProfile(f"columns must say which column holds the {FIELDS[F(profile.identifier)].label}.")
    for name in profile.columns:
        if profile.shape not in FIELDS[F(name)].shapes:
            raise BadProfile(f"columns: {name} cannot be in a file of shape {profile.shape}.")


def _check_patterns(name: str, patterns: list[str]) -> None:
    day = datetime.datetime(2026, 11, 26, 14, 30)  # noqa: DTZ001 - any wall clock will do
    for pattern in patterns:
        try:
            datetime.datetime.strptime(day.strftime(pattern), pattern)  # noqa: DTZ007
        except (ValueError, re.error):
            raise BadProfile(
                f"formats: {name} cannot be read by “{pattern}”. Write it as in %d/%m/%Y %H:%M."
            ) from None


def _check_choices(choices: Mapping[str, str]) -> None:
    sets = sorted(path.stem for path in _CODE_SETS.glob("*.toml"))
    for name, possible in (("code_set", sets), ("date_order", DATE_ORDERS), ("day_numbers", DAY_NUMBERS)):
        if choices[name] and choices[name] not in possible:
            raise BadProfile(f'{name} is "{choices[name]}"; it must be {" or ".join(possible)}.')


def _check_field(name: str) -> None:
    if name not in set(F):
        raise BadProfile(f'"{name}" is not a field. The fields are {", ".join(F)}.')


def _table(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A part of a profile that must hold names and values."""
    found = data.get(name, {})
    if not isinstance(found, Mapping):
        raise BadProfile(f"{name} must be a table: a line [{name}] and under it a line for each name.")
    return found


def _months(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 120:
        raise BadProfile(f"windows: {name} must be a whole number of months from 1 to 120.")
    return value


def _as_list(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]
