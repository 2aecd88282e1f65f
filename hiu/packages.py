"""What we install: known weaknesses, and the list of it. `python -m hiu.packages audit`, or `sbom FILE`."""

import datetime
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

BASE = Path(__file__).resolve().parent.parent
SHIPPED, INSTALLED = BASE / "requirements/app.txt", BASE / "requirements/dev.txt"
WAIVERS = BASE / "docs/assurance/waivers.toml"
LONGEST_WAIVER = datetime.timedelta(days=14)
PATIENCE = 240


@dataclass(frozen=True)
class Package:
    """One package of a lock file."""

    name: str
    version: str
    hashes: tuple[str, ...]


@dataclass(frozen=True)
class Audit:
    """What an audit found: how many packages were checked, why others were not, and what is weak."""

    checked: int
    unreachable: str | None
    weak: list[str]

    @property
    def in_words(self) -> str:
        if self.weak:
            return "\n".join(
                ["Known weaknesses:", *self.weak, "Take a newer version, or see docs/assurance."]
            )
        if self.unreachable:
            return f"NOT CHECKED for known weaknesses: {self.unreachable}. {self.checked} packages could be checked."
        return f"{self.checked} packages checked; no known weakness."


def locked(path: Path) -> Iterator[Package]:
    """The packages a lock file pins."""
    for block in re.split(r"\n(?=\S)", path.read_text(encoding="utf-8")):
        if found := re.match(r"([\w.-]+)==([^\s;\\]+)", block):
            yield Package(found[1], found[2], tuple(re.findall(r"sha256:(\w{64})", block)))


def waivers(path: Path = WAIVERS) -> list[dict[str, Any]]:
    """The weaknesses we live with for now."""
    found: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8")).get("waiver", [])
    return found


def waiver_problem(waiver: dict[str, Any], today: datetime.date) -> str | None:
    """Why a waiver does not hold, or None."""
    name = waiver.get("id", "A waiver without id")
    missing = [key for key in ("id", "package", "reason", "from", "until") if not waiver.get(key)]
    if missing:
        return f"{name} lacks {missing[0]}."
    if waiver["until"] - waiver["from"] > LONGEST_WAIVER:
        return f"{name} is waived for more than {LONGEST_WAIVER.days} days."
    if waiver["until"] < today:
        return f"{name} was waived until {waiver['until']}."
    return None


def read(report: str, waived: set[str]) -> Audit:
    """What pip-audit's JSON says."""
    rows = json.loads(report)["dependencies"]
    skipped = [row["skip_reason"] for row in rows if "skip_reason" in row]
    weak = [
        f"{row['name']} {row['version']}: {weakness['id']}"
        for row in rows
        for weakness in row.get("vulns", [])
        if not waived & {weakness["id"], *weakness.get("aliases", [])}
    ]
    return Audit(len(rows) - len(skipped), skipped[0] if skipped else None, weak)


def audit(lock: Path = INSTALLED) -> Audit:
    """Ask the public list of known weaknesses about each package; says so where it cannot be reached."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--no-deps", "--disable-pip"]
    command += ["--format", "json", "--progress-spinner", "off", "--timeout", "20"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)  # noqa: S603
        return read(done.stdout, {waiver["id"] for waiver in waivers()})
    except subprocess.TimeoutExpired:
        return Audit(0, f"no answer in {PATIENCE} seconds", [])
    except json.JSONDecodeError:
        said = done.stderr.strip().splitlines() or ["pip-audit said nothing"]
        return Audit(0, said[-1][:300], [])


def sbom(lock: Path = SHIPPED) -> dict[str, Any]:
    """What we ship, in the form of CycloneDX 1.6."""
    ours = tomllib.loads((BASE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": ours["name"], "version": ours["version"]}},
        "components": [*map(_component, locked(lock)), *_scripts()],
    }


def _component(package: Package) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "name": package.name,
        "version": package.version,
        "purl": f"pkg:pypi/{package.name}@{package.version}",
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in package.hashes],
    }
    if licence := _licence(package.name):
        component["licenses"] = [{"license": {"name": licence}}]
    return component


def _licence(name: str) -> str | None:
    try:
        said = metadata(name).json
    except PackageNotFoundError:  # for another system than this one
        return None
    licence = str(said.get("license_expression") or said.get("license") or "")
    return licence.split("\n")[0][:80] or None


def _scripts() -> Iterator[dict[str, Any]]:
    """What of npm's packages is shipped: those the style sheets and scripts are built from."""
    packages = json.loads((BASE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for place, package in packages.items():
        if place and not package.get("dev"):
            name = place.rpartition("node_modules/")[2]
            version = package["version"]
            yield {"type": "library", "name": name, "version": version, "purl": f"pkg:npm/{name}@{version}"}


def main(arguments: list[str]) -> int:
    """Exit 0 when nothing is known to be weak, 1 when something is, 2 for wrong arguments."""
    match arguments:
        case ["audit"]:
            found = audit()
            print(found.in_words)  # noqa: T201
            return 1 if found.weak else 0
        case ["sbom", path]:
            listed = sbom()
            Path(path).write_text(json.dumps(listed, indent=1), encoding="utf-8")
            print(f"{path}: {len(listed['components'])} components.")  # noqa: T201
            return 0
    print(__doc__, file=sys.stderr)  # noqa: T201
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
