"""The page of docs/reference/ that says how far the OWASP ASVS is met, written from docs/assurance/asvs.toml."""

import tomllib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from hiu.reference import page, table

SHEET = Path(__file__).resolve().parent.parent / "docs/assurance/asvs.toml"
CHAPTERS = {
    1: "Text and what reads it",
    2: "Checks and the order of work",
    3: "In the browser",
    4: "Answers of the web server",
    5: "Files",
    6: "Signing in",
    7: "Sessions",
    8: "Who may do what",
    11: "Cryptography",
    12: "Connections",
    13: "How it is set up",
    14: "People's data",
    15: "How it is built",
    16: "Logs and failures",
}
STATES = ("met", "part", "not yet", "not applicable")


@dataclass(frozen=True)
class Requirement:
    """One requirement in our own words, how far it is met, and what shows it."""

    id: str
    asks: str
    status: str
    how: str = ""
    evidence: list[str] = field(default_factory=list)

    @property
    def chapter(self) -> int:
        return int(self.id.split(".")[0])


def requirements() -> list[Requirement]:
    """The sheet as it stands."""
    sheet = tomllib.loads(SHEET.read_text(encoding="utf-8"))
    return [Requirement(**row) for row in sheet["requirement"]]


def elsewhere() -> dict[str, str]:
    """What of the standard does not apply at all, and why."""
    found: dict[str, str] = tomllib.loads(SHEET.read_text(encoding="utf-8"))["elsewhere"]
    return found


def asvs() -> str:
    """Each requirement of the subset, chapter by chapter."""
    rows = requirements()
    counted = Counter(row.status for row in rows)
    headings = ("Id", "In our words", "Status", "How, and what shows it")
    sections = [
        f"## {number}. {name}\n\n"
        + table(headings, [(r.id, r.asks, r.status, _shown(r)) for r in rows if r.chapter == number])
        for number, name in CHAPTERS.items()
    ]
    return page(
        "Security standard",
        "The OWASP Application Security Verification Standard 5.0, levels 1 and 2, and a few of level 3. "
        "The words are ours; read the standard itself for its own. A test sees to it that what shows a row exists.",
        table(("Status", "Rows"), [(state, str(counted[state])) for state in STATES]),
        *sections,
        "## What does not apply\n\n" + table(("Id", "Why"), list(elsewhere().items())),
    )


def _shown(row: Requirement) -> str:
    return " ".join(part for part in (row.how, ", ".join(f"`{each}`" for each in row.evidence)) if part)
