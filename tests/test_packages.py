"""What we install, and what must never be committed: known weaknesses, the list of parts, secrets."""

import datetime
import json
import math
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from hiu import packages

ROOT = Path(__file__).resolve().parent.parent
A_WAIVER = {
    "id": "CVE-2026-1",
    "package": "x",
    "reason": "Not called.",
    "from": datetime.date(2026, 1, 1),
    "until": datetime.date(2026, 1, 15),
}


def report(*dependencies: dict) -> str:
    return json.dumps({"dependencies": list(dependencies)})


WEAK = {"name": "x", "version": "1", "vulns": [{"id": "CVE-2026-1", "aliases": ["GHSA-1"]}]}
SOUND = {"name": "y", "version": "2", "vulns": []}
SKIPPED = {"name": "z", "skip_reason": "not found"}


def test_a_weakness_is_told_and_fails() -> None:
    found = packages.read(report(WEAK, SOUND), set())
    assert found.weak == ["x 1: CVE-2026-1"]
    assert "Known weaknesses" in found.in_words


@pytest.mark.parametrize("name", ["CVE-2026-1", "GHSA-1"])
def test_a_waived_weakness_is_let_pass_by_any_of_its_names(name: str) -> None:
    assert packages.read(report(WEAK), {name}).weak == []


def test_what_could_not_be_checked_is_said_plainly() -> None:
    found = packages.read(report(SOUND, SKIPPED), set())
    assert found.in_words.startswith("NOT CHECKED")
    assert found.checked == 1


def test_all_sound_is_said_with_a_count() -> None:
    assert packages.read(report(SOUND), set()).in_words == "1 packages checked; no known weakness."


@pytest.mark.parametrize("waiver", packages.waivers(), ids=lambda waiver: str(waiver.get("id")))
def test_every_waiver_holds_today(waiver: dict) -> None:
    assert packages.waiver_problem(waiver, datetime.datetime.now(tz=datetime.UTC).date()) is None


@pytest.mark.parametrize(
    "change, day, problem",
    [
        ({}, datetime.date(2026, 1, 15), None),
        ({}, datetime.date(2026, 1, 16), "was waived until"),
        ({"until": datetime.date(2026, 1, 16)}, datetime.date(2026, 1, 2), "more than 14 days"),
        ({"reason": ""}, datetime.date(2026, 1, 2), "lacks reason"),
    ],
)
def test_a_waiver_ends(change: dict, day: datetime.date, problem: str | None) -> None:
    said = packages.waiver_problem({**A_WAIVER, **change}, day)
    assert said is None if problem is None else problem in (said or "")


def test_the_list_of_parts_names_each_package_we_ship_with_its_hashes() -> None:
    listed = packages.sbom()
    names = {part["name"]: part for part in listed["components"]}
    pinned = re.findall(r"^([\w.-]+)==", packages.SHIPPED.read_text(), re.M)
    assert set(pinned) <= set(names)
    assert all(names[name]["hashes"] for name in pinned)
    assert "nhsuk-frontend" in names
    assert "pytest" not in names


def test_wrong_arguments_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert packages.main([]) == 2
    assert "audit" in capsys.readouterr().err


# -- secrets ------------------------------------------------------------------------------------------------

PATTERNS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    "a key of a cloud": re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token of a code host": re.compile(r"\b(gh[pousr]_\w{36}|glpat-[\w-]{20})\b"),
    "a token of a chat": re.compile(r"\bxox[abpr]-[\w-]{10,}"),
    "a signed token": re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    "an address with a password": re.compile(r"\b\w+://[^\s:/@'\"{}$<>]+:(?P<value>[^\s@/'\"{}$<>]{6,})@"),
    "a value that looks like a secret": re.compile(
        r"(?i)(?:secret|password|passwd|token|api_?key|passphrase)\w*['\"]?\s*[:=]\s*['\"]?(?P<value>[\w+/=-]{20,})"
    ),
}
# What looks like a secret and is none: it says so itself.
SAYS_SO = re.compile(
    r"(?i)demo|example|only-for|invented|nobody|never|test|password|secret|replace|your|x{6}"
)
# Bits for each character; words of a language stay below, random letters are above.
RANDOM = 3.7


def entropy(text: str) -> float:
    """Bits for each character."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())


def secrets_in(text: str) -> Iterator[str]:
    for name, pattern in PATTERNS.items():
        for found in pattern.finditer(text):
            value = found.groupdict().get("value")
            if value is None or (entropy(value) > RANDOM and not SAYS_SO.search(value)):
                yield f"{name}: {found[0][:40]}"


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, errors="replace")
    if done.returncode:
        pytest.skip("No git history here.")
    return done.stdout


def test_no_secret_is_in_a_file_we_keep() -> None:
    found = []
    for name in git("ls-files").splitlines():
        path = ROOT / name
        if path.is_file() and path.stat().st_size < 2_000_000 and name != "tests/test_packages.py":
            found += [f"{name}: {one}" for one in secrets_in(path.read_text(errors="replace"))]
    assert found == []


def test_no_secret_was_ever_committed() -> None:
    own = ":(exclude)tests/test_packages.py"
    added = "\n".join(
        line[1:]
        for line in git("log", "-p", "--unified=0", "--no-color", "--", ".", own).splitlines()
        if line.startswith("+")
    )
    assert list(secrets_in(added)) == []


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        'SECRET_KEY = "q8Zt1LxV0rN5uKjW3mPy7cEbA2"',
        "postgres://hiu:q8Zt1LxV0rN5uKjW3mPy@db/hiu",
        "token: ghp_0123456789abcdefghijklmnopqrstuvwxyz",
        "AKIAABCDEFGHIJKLMNOP",
    ],
)
def test_a_planted_secret_is_found(text: str) -> None:
    assert list(secrets_in(text))


@pytest.mark.parametrize(
    "text",
    [
        'SECRET_KEY = "only-for-tests-0123456789-0123456789"',
        "postgres://role:password@host:5432/name",
        "password = forms.CharField(widget=forms.PasswordInput)",
    ],
)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    assert list(secrets_in(text)) == []
