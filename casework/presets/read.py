"""A preset read from its file: checked, and taken apart into parts that can be compared. No queries."""

import hashlib
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from casework import support
from cohorts import rules
from cohorts.lists import tiers
from cohorts.lists.rule_problems import rule_problems
from cohorts.lists.sentences import sentence
from cohorts.pipeline import profile as profiles
from cohorts.pipeline.fields import FIELDS, F
from governance.models.preset import PartKind
from governance.rules import RuleBroken

FOLDER = Path(__file__).resolve().parent
_LISTS = {PartKind.SOURCES, PartKind.TIERS, PartKind.KPIS, PartKind.CASELOAD}
# What a file says in a shorter way than the model has it.
_SHORT = {"slug", "count", "recent", "admissions", "window_weeks", "top", "exclude"}
DEFAULTS = {name: value for name, value in asdict(rules.Terms(count=0)).items() if name != "count"}
_HEAD = {"title", "version", "source", "not_yet", "instrument", "rules"}


@dataclass(frozen=True)
class Part:
    """One piece of a preset: what kind it is, which of its kind, and what it says."""

    kind: PartKind
    key: str
    content: Any

    @property
    def lines(self) -> list[str]:
        """What it says, in sentences that can be set side by side."""
        return lines(self.kind, self.content)


@dataclass(frozen=True)
class Preset:
    """One file. `sha256` tells two files of one version apart."""

    name: str
    title: str
    version: int
    source: str
    not_yet: tuple[str, ...]
    parts: tuple[Part, ...]
    sha256: str


def names() -> list[str]:
    """The presets that come with the product."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def known(name: str) -> str:
    """The name of a preset there is; a hyphen will do for an underscore. Raises RuleBroken for any other."""
    name = name.replace("-", "_")
    if name not in names():
        raise RuleBroken(f'There is no preset called "{name}". Choose from: {", ".join(names())}.')
    return name


def load(name: str) -> Preset:
    """The preset of that name; a hyphen will do for an underscore.

    Raises:
        RuleBroken: there is none of that name, or something in the file cannot be used.
    """
    name = known(name)
    content = (FOLDER / f"{name}.toml").read_bytes()
    try:
        return _parse(name, tomllib.loads(content.decode()), hashlib.sha256(content).hexdigest())
    except (ValueError, KeyError, TypeError) as problem:
        raise RuleBroken(f"The preset {name} cannot be used: {problem}.") from problem


def lines(kind: str, content: Any) -> list[str]:
    """The content of a part in sentences."""
    return _WORDS[PartKind(kind)](content)


def rule_terms(told: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a cohort rule from what a file says of one.

    Raises:
        ValueError: it says something that is no setting of a rule.
    """
    said = {name: value for name, value in told.items() if name not in _SHORT}
    strange = set(said) - {"title", *rules.TERM_NAMES}
    if strange:
        raise ValueError(f"it says {', '.join(sorted(strange))}, which is no setting of a rule")
    said["operator"], said["count"] = rules.parse_count(told["count"])
    if "recent" in told:
        said["recent_count"], said["recent_months"] = rules.parse_recent(told["recent"])
    if "admissions" in told:
        said["admissions_operator"], said["min_admissions"] = rules.parse_count(told["admissions"])
    if "window_weeks" in told:
        said["window_days"] = 7 * told["window_weeks"]
    said |= {"top_n": told.get("top"), "exclusions": list(told.get("exclude", ()))}
    return {**DEFAULTS, **rules.tidied(said)}


def _parse(name: str, told: dict[str, Any], sha256: str) -> Preset:
    unknown = set(told) - _HEAD - {kind.value for kind in PartKind}
    if unknown:
        raise ValueError(f"it says {', '.join(sorted(unknown))}, which is nothing of a preset")
    return Preset(
        name=name,
        title=told["title"],
        version=int(told["version"]),
        source=told["source"],
        not_yet=tuple(told["not_yet"]),
        parts=tuple(_parts(told)),
        sha256=sha256,
    )


def _parts(told: Mapping[str, Any]) -> Iterator[Part]:
    for each in told.get("rules", ()):
        terms = rule_terms({"tiers": told.get("tiers", []), **each})
        problems = rule_problems(_as_terms(terms))
        if problems:
            raise ValueError("; ".join(problems.values()))
        yield Part(PartKind.RULE, each["slug"], terms)
    if "instrument" in told:
        yield Part(PartKind.INSTRUMENT, told["instrument"], {"name": told["instrument"]})
    for kind in (PartKind.AGREEMENT, PartKind.SUPPORT, PartKind.RETENTION, *sorted(_LISTS)):
        if kind.value in told:
            _check(kind, told[kind.value])
            yield Part(kind, "", told[kind.value])


def _check(kind: PartKind, content: Any) -> None:
    """A name that means nothing elsewhere in the product is a typing mistake."""
    if kind == PartKind.AGREEMENT:
        strange = set(content["allowed_fields"]) - {field.value for field in F}
    elif kind == PartKind.SOURCES:
        strange = {each["profile"] for each in content} - set(profiles.shipped())
    else:
        strange = set()
    if kind == PartKind.SUPPORT:
        support.check_way(support.from_told(content))
        strange = set(content) - {"weeks", "review_weeks", "ask_again_days", "ladder"}
    if strange:
        raise ValueError(f"nothing is called {', '.join(sorted(strange))}")
    lines(kind, content)


def _rule(terms: Mapping[str, Any]) -> list[str]:
    said = [f"{terms['title']}: {sentence(_as_terms({**DEFAULTS, **terms}))}"]
    return said + [f"{terms['title']}, tier {_tier(tier)}" for tier in terms.get("tiers", ())]


def _as_terms(terms: Mapping[str, Any]) -> rules.Terms:
    return rules.Terms(**{name: terms[name] for name in rules.TERM_NAMES})


def _agreement(told: Mapping[str, Any]) -> list[str]:
    fields = ", ".join(FIELDS[F(field)].label for field in told["allowed_fields"])
    found = [f"Template: {told['title']}", told["purpose"], f"Fields: {fields}"]
    if told.get("threshold"):
        found.append(f"From {told['threshold']} attendances in {told['threshold_months']} months")
    if told.get("top_n"):
        found.append(f"At most {told['top_n']} people")
    return [*found, f"Sent {told['frequency']}"]


def _retention(told: Mapping[str, Any]) -> list[str]:
    return [
        f"Clients: {told['client_years']} years after the last contact",
        f"People on a list who were not chosen: {told['unselected_days']} days after the next list",
        told["note"],
    ]


def _source(told: Mapping[str, Any]) -> str:
    return f"{told['name']}: read as the profile {told['profile']}"


def _tier(told: Mapping[str, Any]) -> str:
    return f"{told['name']}: {tiers.span(told)} attendances"


def _kpi(told: Mapping[str, Any]) -> str:
    words = f"{told['number']} {told['name']}: {told['target']}{told['unit']}"
    phased = ", ".join(str(number) for number in told.get("phased", ()))
    return f"{words} (by quarter: {phased})" if phased else words


def _caseload(told: Mapping[str, Any]) -> str:
    return f"{told['who']}: {told['people'] if 'people' in told else tiers.span(told)}"


def _support(told: Mapping[str, Any]) -> list[str]:
    way = support.from_told(told)
    tries = [f"Try {n}: {each.kind}, {each.after_days} days later" for n, each in enumerate(way.ladder, 1)]
    return [way.words, f"A “not now” comes up again after {way.ask_again_days} days", *tries]


def _each(words: Callable[[Mapping[str, Any]], str]) -> Callable[[Sequence[Any]], list[str]]:
    return lambda rows: [words(row) for row in rows]


_WORDS: dict[PartKind, Callable[[Any], list[str]]] = {
    PartKind.RULE: _rule,
    PartKind.INSTRUMENT: lambda told: [f"Instrument: {told['name']}"],
    PartKind.AGREEMENT: _agreement,
    PartKind.RETENTION: _retention,
    PartKind.SUPPORT: _support,
    PartKind.SOURCES: _each(_source),
    PartKind.TIERS: _each(_tier),
    PartKind.KPIS: _each(_kpi),
    PartKind.CASELOAD: _each(_caseload),
}
