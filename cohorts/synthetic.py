"""Invented extracts for trying, testing and timing. The same seed gives the same bytes.

How often people attend is a mixture of three gamma-distributed rates, fitted to what is published
for England: 0.44 attendances a head a year, 0.81% of people at five or more, who make 16% of all
attendances and split 77/14/8% into 5-9, 10-15 and 16 or more. One person in four gets a new rate
each year, so that a bad year is usually followed by a better one. NHS numbers come from the range
that is never issued (999 000 0000 to 999 999 9999).
"""

import datetime
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cohorts.pipeline.cells import objects
from cohorts.synthetic_defects import ATTENDANCE_DEFECTS, PEOPLE_DEFECTS, spoil

WORDS = tomllib.loads(Path(__file__).with_name("synthetic.toml").read_text(encoding="utf-8"))
FEMALE, MALE, LAST = (WORDS[name].split() for name in ("female", "male", "last"))

ENDS_ON = datetime.date(2026, 9, 30)

_WEIGHTS = np.array([0.9864, 0.0110, 0.0026])
_MEANS = np.array([0.364, 4.81, 10.77])
_SHAPES = np.array([1.11, 6.30, 0.98])
_NEW_RATE_EACH_YEAR = 0.25
_MEAN_RATE = 0.44
_YEARS = 2.0
_MOST_PEOPLE = 950_000  # so that those who attend do not outnumber the numbers never issued
# Arrivals by hour of the day, from midnight: few at night, most from ten to ten.
_HOURS = np.array([2.6, 2.1, 1.8, 1.6, 1.5, 1.5, 1.8, 2.6, 4.1, 5.4, 6.2, 6.3, 6.0, 5.9, 5.8, 5.7, 5.8, 5.9, 6.0, 5.8, 5.3, 4.6, 3.9, 3.3])  # fmt: skip


@dataclass(frozen=True)
class People:
    """Invented people; index i of every array is person i."""

    nhs_number: np.ndarray
    first_name: np.ndarray
    last_name: np.ndarray
    birth_day: np.ndarray  # days since 1970-01-01
    sex: np.ndarray
    postcode: np.ndarray


@dataclass(frozen=True)
class World:
    """People who attended, and every attendance in the order of time."""

    people: People
    person: np.ndarray  # index into people, for each attendance
    day: np.ndarray  # days since 1970-01-01
    minute: np.ndarray  # since midnight
    heavy: np.ndarray  # for each person: attends far more than most


@dataclass
class SyntheticFile:
    """A file before it is written; `spoilt` says which rows were."""

    header: list[str]
    columns: list[np.ndarray]
    people: int
    # {kind of fault: the rows that have it, counted from 0}
    spoilt: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def defects(self) -> dict[str, int]:
        """How many rows have each kind of fault."""
        return {kind: len(rows) for kind, rows in self.spoilt.items()}

    @property
    def rows(self) -> int:
        return len(self.columns[0])

    def write(self, path: Path) -> None:
        """As .xlsx where the name ends so, else as CSV."""
        if path.suffix.lower() == ".xlsx":
            self._write_workbook(path)
            return
        lines = map(",".join, zip(*(column.tolist() for column in self.columns), strict=True))
        with path.open("w", encoding="utf-8", newline="") as file:
            file.write(",".join(self.header) + "\r\n")
            file.write("\r\n".join(lines) + "\r\n")

    def _write_workbook(self, path: Path) -> None:
        import xlsxwriter

        safe = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        with xlsxwriter.Workbook(str(path), {**safe, "default_date_format": "yyyy-mm-dd"}) as book:
            book.set_properties({"created": datetime.datetime(2026, 1, 1)})  # noqa: DTZ001 - the same bytes each time
            sheet = book.add_worksheet("Extract")
            for number, row in enumerate([self.header, *zip(*self.columns, strict=True)]):
                sheet.write_row(number, 0, row)


def make_extract(
    *, rows: int, seed: int, messy: bool = False, shape: str = "attendances", ends_on: datetime.date = ENDS_ON
) -> SyntheticFile:
    """A file of `rows` rows in the layout of the profile of that shape ("attendances" or "people").

    Raises:
        ValueError: when more people would be needed than numbers are never issued (about 900,000).
    """
    rng = np.random.default_rng(seed)
    file = (
        _people_file(rows, rng, ends_on) if shape == "people" else _attendance_file(rows, seed, rng, ends_on)
    )
    if messy:
        columns = dict(zip(file.header, file.columns, strict=True))
        file.spoilt = spoil(columns, rng, PEOPLE_DEFECTS if shape == "people" else ATTENDANCE_DEFECTS)
    return file


def make_world(
    rng: np.random.Generator, *, attendances: int | None = None, people: int | None = None,
    years: float = _YEARS, ends_on: datetime.date = ENDS_ON,
) -> World:  # fmt: skip
    """A world with exactly so many attendances, or so many people who attended, over so many years."""
    wanted = attendances or people or 0
    each = _MEAN_RATE * years if attendances else 0.25
    counts = _counts(rng, int(wanted / each * 1.3) + 400, years)
    counts = counts[counts > 0]
    if attendances:
        last = int(np.searchsorted(np.cumsum(counts), attendances))
        counts = counts[: last + 1]
        counts[-1] -= int(counts.sum()) - attendances
    else:
        counts = counts[:people]
    heavy = counts >= 5 * years
    person = np.repeat(np.arange(len(counts)), counts)
    days = round(years * 365.25)
    last_day = (ends_on - datetime.date(1970, 1, 1)).days
    day = last_day - rng.integers(0, days, len(person))
    minute = rng.choice(24, len(person), p=_HOURS / _HOURS.sum()) * 60 + rng.integers(0, 60, len(person))
    order = np.lexsort((person, minute, day))
    return World(_people(rng, len(counts), last_day - days), person[order], day[order], minute[order], heavy)


def nhs_numbers(rng: np.random.Generator, count: int) -> np.ndarray:
    """Distinct valid NHS numbers of the range that is never issued, in random order."""
    prefix = 999_000_000 + rng.permutation(1_000_000)
    digits = prefix[:, None] // 10 ** np.arange(8, -1, -1) % 10
    check = (11 - (digits @ np.arange(10, 1, -1)) % 11) % 11
    numbers = (prefix * 10 + check)[check < 10]
    numbers = numbers[numbers != 9_999_999_999]  # what systems write for "not known"
    if count > len(numbers):
        raise ValueError(
            f"{count:,} people are more than the {len(numbers):,} NHS numbers that are never issued."
        )
    return objects(map(str, numbers[:count].tolist()))


def _counts(rng: np.random.Generator, population: int, years: float) -> np.ndarray:
    """Attendances of each person over the years, most of them none."""
    total = np.zeros(population, np.int64)
    rate = _rates(rng, population)
    left = years
    while left > 0:
        total += rng.poisson(rate * min(1.0, left))
        anew = rng.random(population) < _NEW_RATE_EACH_YEAR
        rate = np.where(anew, _rates(rng, population), rate)
        left -= 1.0
    return total


def _rates(rng: np.random.Generator, population: int) -> np.ndarray:
    group = rng.choice(3, population, p=_WEIGHTS)
    return rng.gamma(_SHAPES[group], _MEANS[group] / _SHAPES[group])


def _people(rng: np.random.Generator, count: int, before: int) -> People:
    """Ages spread as A&E attenders' are: many young adults, everyone born before the first attendance."""
    age = np.clip(rng.gamma(3.2, 14.0, count), 0.1, 99)
    female = rng.random(count) < 0.51
    first = np.where(female, _pick(rng, FEMALE, count), _pick(rng, MALE, count))
    postcodes = objects(f"QX{area} {unit % 9 + 1}{'ABDEFGHJ'[unit // 9 % 8]}{'LNPQRSTU'[unit // 72]}" for area in range(1, 21) for unit in range(576))  # fmt: skip
    return People(
        nhs_number=nhs_numbers(rng, count),
        first_name=first,
        last_name=_pick(rng, LAST, count),
        birth_day=before - (age * 365.25).astype(np.int64),
        sex=np.where(female, "F", "M").astype(object),
        postcode=postcodes[rng.integers(0, len(postcodes), count)],
    )


def _attendance_file(rows: int, seed: int, rng: np.random.Generator, ends_on: datetime.date) -> SyntheticFile:
    years = max(_YEARS, rows / (_MEAN_RATE * _MOST_PEOPLE))
    world = make_world(rng, attendances=rows, years=years, ends_on=ends_on)
    who, person = world.people, world.person
    heavy = world.heavy[person]
    night = (world.minute < 7 * 60) | (world.minute >= 22 * 60)
    ambulance = rng.random(rows) < 0.16 + 0.22 * heavy + 0.12 * night
    admitted = rng.random(rows) < 0.10 + 0.25 * ambulance
    # People who attend often come back with the same complaint half of the time.
    usual = rng.integers(0, len(WORDS["complaints"]), len(who.sex))[person]
    complaint = np.where(
        heavy & (rng.random(rows) < 0.5), usual, rng.integers(0, len(WORDS["complaints"]), rows)
    )
    site = np.where(
        rng.random(rows) < 0.9, person % len(WORDS["sites"]), rng.integers(0, len(WORDS["sites"]), rows)
    )
    columns = {
        "Attendance number": objects(f"A{seed % 10_000:04d}{number:07d}" for number in range(1, rows + 1)),
        "NHS number": who.nhs_number[person],
        "First name": who.first_name[person],
        "Last name": who.last_name[person],
        "Date of birth": _dates(who.birth_day)[person],
        "Sex": who.sex[person],
        "Postcode": who.postcode[person],
        "Arrival date": _spread(world.day, _dates),
        "Arrival time": objects(f"{m // 60:02d}:{m % 60:02d}" for m in range(1440))[world.minute],
        "Arrival mode": np.where(
            ambulance,
            WORDS["modes"][0],
            objects(WORDS["modes"])[1 + rng.integers(0, len(WORDS["modes"]) - 1, rows)],
        ),
        "Attendance category": np.where(rng.random(rows) < 0.94, "1", "2").astype(object),
        "Site": objects(WORDS["sites"])[site],
        "Presenting complaint": objects(WORDS["complaints"])[complaint],
        "Outcome": np.where(
            admitted,
            WORDS["outcomes"][0],
            objects(WORDS["outcomes"])[1 + rng.integers(0, len(WORDS["outcomes"]) - 1, rows)],
        ),
    }
    return SyntheticFile(list(columns), list(columns.values()), len(who.sex))


def _people_file(rows: int, rng: np.random.Generator, ends_on: datetime.date) -> SyntheticFile:
    world = make_world(rng, people=rows, years=1.0, ends_on=ends_on)
    who = world.people
    last_day = (ends_on - datetime.date(1970, 1, 1)).days
    year = np.bincount(world.person, minlength=rows)
    quarter = np.bincount(world.person, weights=world.day > last_day - 91, minlength=rows).astype(np.int64)
    conveyed = rng.binomial(year, 0.3)
    street = rng.integers(0, len(WORDS["streets"]), rows)
    house = rng.integers(1, 200, rows)
    columns = {
        "NHS number": who.nhs_number,
        "Name": objects(f"{f} {n}" for f, n in zip(who.first_name, who.last_name, strict=True)),
        "Date of birth": _dates(who.birth_day),
        "Age": objects(map(str, ((last_day - who.birth_day) // 365.25).astype(np.int64))),
        "Sex": who.sex,
        "Address": objects(f"{h} {WORDS['streets'][s]}" for h, s in zip(house, street, strict=True)),
        "Postcode": who.postcode,
        "Telephone number": objects(f"01632 96{n:04d}" for n in rng.integers(0, 10_000, rows)),
        "GP practice": _pick(rng, WORDS["practices"], rows),
        "Arrival mode": np.where(conveyed * 2 > year, WORDS["modes"][0], WORDS["modes"][1]).astype(object),
        "Warning flags": np.where(rng.random(rows) < 0.03, "Visit in pairs", "").astype(object),
        "Presenting complaint": _pick(rng, WORDS["complaints"], rows),
        "A&E attendances in the last 12 months": objects(map(str, year)),
        "A&E attendances in the last 3 months": objects(map(str, quarter)),
        "Emergency admissions in the last 12 months": objects(map(str, rng.binomial(year, 0.15))),
        "Ambulance conveyances in the last 12 months": objects(map(str, conveyed)),
    }
    order = np.argsort(-year, kind="stable")
    return SyntheticFile(list(columns), [column[order] for column in columns.values()], rows)


def _pick(rng: np.random.Generator, words: Sequence[str], count: int) -> np.ndarray:
    return objects(words)[rng.integers(0, len(words), count)]


def _dates(days: np.ndarray) -> np.ndarray:
    return days.astype("datetime64[D]").astype(str).astype(object)


def _spread(values: np.ndarray, convert: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    distinct, codes = np.unique(values, return_inverse=True)
    return convert(distinct)[codes]
