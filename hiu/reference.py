"""The pages of docs/reference/, written from the code itself so that they cannot drift from it.

Each function returns one page as Markdown. Nothing here asks the database or the clock.
"""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from casework.rules import OPEN_STAGES, STAGE_LABELS, STAGE_OWNERS, STAGE_WEIGHTS, TRANSITIONS, Stage
from cohorts.pipeline.fields import FIELDS, Kind, Shape
from evaluation.measures import ACTIVITY, CASEWORK
from governance.privacy import Privacy
from governance.roles import ROLES, Permission

NOTE = "<!-- Written by manage.py write_reference. Change the code, then run it again. -->"

KIND_WORDS = {
    Kind.NHS_NUMBER: "NHS number",
    Kind.IDENTIFIER: "identifier, kept as text",
    Kind.TEXT: "text",
    Kind.DATE: "date",
    Kind.TIME: "time of day",
    Kind.DATETIME: "date and time",
    Kind.CODE: "code or word",
    Kind.INT: "whole number",
    Kind.MONEY: "pounds",
    Kind.BOOL: "yes or no",
    Kind.ADMISSION_METHOD: "admission method; decides whether a row is an emergency, and is not stored",
}
PRIVACY_WORDS = {
    Privacy.PERSONAL: "personal",
    Privacy.SPECIAL: "special category",
    Privacy.ORDINARY: "ordinary",
}
SHAPE_WORDS = {Shape.ATTENDANCES: "attendances", Shape.PEOPLE: "people"}


@dataclass(frozen=True)
class CommandEntry:
    """A command of manage.py: its name, what it is for, and its arguments as argparse knows them."""

    name: str
    help: str
    arguments: Sequence[argparse.Action]


def case_stages() -> str:
    """The path of a case as a diagram and a table, from casework.rules."""
    rows = [
        (
            STAGE_LABELS[stage],
            ROLES[STAGE_OWNERS[stage]].display_name,
            _labels(TRANSITIONS[stage]) or "nothing: the episode has ended",
            _weight(stage),
        )
        for stage in Stage
    ]
    return page(
        "Stages of a case",
        "A case is one episode of support. Each move along this path is a row that is never edited. "
        "The door stays open: whoever comes back starts a new episode. "
        "Somebody is answerable for each stage: while nobody carries the case that is the HIU lead.",
        "```mermaid\n" + "\n".join(_diagram()) + "\n```",
        table(("Stage", "Who is answerable", "Can go to", "Weight on the caseload"), rows),
    )


def roles() -> str:
    """What each role is for and what it may do, from governance.roles."""
    grid = [
        (_words(permission), *("yes" if permission in role.permissions else "" for role in ROLES.values()))
        for permission in Permission
    ]
    described = [(role.display_name, role.description) for role in ROLES.values()]
    return page(
        "Roles",
        "A role is given to somebody in one service, between two days. "
        "Changing what a role may do is a change to reviewed code.",
        table(("Role", "What it is for"), described),
        table(("May", *(role.display_name for role in ROLES.values())), grid),
    )


def extract_fields() -> str:
    """Every field a column can be mapped to, from cohorts.pipeline.fields."""
    rows = [
        (
            f"`{name}`",
            field.label,
            KIND_WORDS[field.kind],
            PRIVACY_WORDS[field.privacy],
            ", ".join(SHAPE_WORDS[shape] for shape in Shape if shape in field.shapes),
        )
        for name, field in FIELDS.items()
    ]
    return page(
        "Fields of an extract",
        "Agreements, sources and profiles all use these names. "
        "A field that the agreement does not name is dropped before anything is stored.",
        table(("Name", "On the page", "Read as", "Class", "In files of"), rows),
    )


def measures() -> str:
    """The figures of a report as they are declared, from evaluation.measures."""
    sections = [
        f"## {each.name}\n\n{each.definition}\n\n"
        + table(
            ("", ""),
            [
                ("Unit", each.unit),
                ("From", each.source),
                ("Window", each.window),
                ("Small numbers", each.small_numbers),
            ],
        )
        for each in (*ACTIVITY, *CASEWORK)
    ]
    return page(
        "Measures of a report",
        "A report, its methods page and this page are all drawn from the same declarations.",
        *sections,
    )


def commands(entries: Iterable[CommandEntry]) -> str:
    """The commands of manage.py that are ours, with their arguments."""
    sections = [
        "\n\n".join(part for part in (f"## {entry.name}", _help(entry), _arguments(entry)) if part)
        for entry in entries
    ]
    return page(
        "Commands",
        "Each is run as `.venv/bin/python manage.py NAME`. `--help` says the same in the terminal.",
        *sections,
    )


def _diagram() -> list[str]:
    """A Mermaid state diagram; ends that every open stage can reach leave the frame around them all."""
    everywhere = frozenset.intersection(*(TRANSITIONS[stage] for stage in OPEN_STAGES))
    reached = frozenset.union(*TRANSITIONS.values())
    inside = [stage for stage in Stage if stage in OPEN_STAGES]
    arrows = [(stage, to) for stage in inside for to in Stage if to in TRANSITIONS[stage] - everywhere]
    return [
        "stateDiagram-v2",
        '  state "Support" as support {',
        *(f'    state "{STAGE_LABELS[stage]}" as {stage}' for stage in inside),
        *(f"    [*] --> {stage}" for stage in inside if stage not in reached),
        *(f"    {stage} --> {to}" for stage, to in arrows if to in OPEN_STAGES),
        "  }",
        *(f'  state "{STAGE_LABELS[stage]}" as {stage}' for stage in Stage if stage not in OPEN_STAGES),
        *(f"  {stage} --> {to}" for stage, to in arrows if to not in OPEN_STAGES),
        *(f"  support --> {to}" for to in Stage if to in everywhere),
    ]


def _labels(stages: frozenset[Stage]) -> str:
    return ", ".join(STAGE_LABELS[stage].lower() for stage in Stage if stage in stages)


def _weight(stage: Stage) -> str:
    return f"{STAGE_WEIGHTS.get(stage, 0):g}"


def _words(permission: Permission) -> str:
    return permission.value.replace("_", " ").capitalize()


def _arguments(entry: CommandEntry) -> str:
    rows = [(f"`{_argument(action)}`", _meaning(action)) for action in entry.arguments]
    return table(("Argument", "Means"), rows)


def _meaning(action: argparse.Action) -> str:
    words = (action.help or "") % vars(action)
    needed = action.required and action.option_strings
    return f"{words} (needed)" if needed else words


def _help(entry: CommandEntry) -> str:
    """The help of a command, its example set apart as something to type."""
    words, _, example = entry.help.partition("Example: ")
    return f"{words.strip()}\n\n```\n{example.strip()}\n```" if example else words.strip()


def _argument(action: argparse.Action) -> str:
    """`PATH`, `--seed SEED` or `--dry-run`, as one would type it."""
    value = str(action.metavar or action.dest).upper()
    if action.choices:
        value = " or ".join(str(choice) for choice in action.choices)
    if not action.option_strings:
        return value
    return action.option_strings[-1] if action.nargs == 0 else f"{action.option_strings[-1]} {value}"


def page(title: str, *parts: str) -> str:
    """One page of docs/reference."""
    return "\n\n".join((f"# {title}", NOTE, *parts)) + "\n"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; empty where there are no rows."""
    if not rows:
        return ""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
