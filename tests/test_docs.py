"""The pages of documentation kept true: links, names of settings, commands and files, form of decisions."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands
from django.core.management.base import CommandError

from cohorts.pipeline import profile
from hiu import reference

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
DECISIONS = sorted((ROOT / "docs/adr").glob("*.md"))
GENERATED = ROOT / "docs/reference"
WRITTEN = [page for page in PAGES if GENERATED not in page.parents]
DEPLOY = ROOT / "docs/how-to/deploy.md"
STATUS = re.compile(r"^(Accepted|Proposed|Rejected|Superseded by \[\d{4}\]\(.+\))\b", re.M)
# Read by Python or by every program, not by us.
NOT_OURS = {"PATH", "HOME", "DJANGO_SETTINGS_MODULE"}
READERS = re.compile(r"env\.\w+|os\.environ\.get|os\.getenv")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def without_code(text: str) -> str:
    return re.sub(r"```.*?```", "", text, flags=re.S)


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", without_code(page.read_text()), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_relative_links_lead_somewhere(page):
    broken = []
    text = without_code(page.read_text())
    for target in re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text):
        if re.match(r"[a-z]+:", target):
            continue
        place, _, anchor = target.partition("#")
        file = page if not place else (page.parent / place).resolve()
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", WRITTEN, ids=named)
def test_files_named_in_the_text_exist(page):
    names = re.findall(r"`([\w.-]+(?:/[\w.-]+)*/[\w.-]*)`", without_code(page.read_text()))
    made_at_run_time = ("var/", "static/dist/", "node_modules/", ".venv/", "staticfiles/")
    missing = [name for name in names if not name.startswith(made_at_run_time) and not (ROOT / name).exists()]
    assert missing == []


def commands_in(text: str) -> set[str]:
    return set(re.findall(r"manage\.py ([a-z_]+)", text))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_named_in_the_text_exist(page):
    assert commands_in(page.read_text()) - set(get_commands()) == set()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_make_targets_named_in_the_text_exist(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"`make ([a-z-]+)`", page.read_text())) - targets == set()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_page_names_a_folder_of_one_machine(page):
    absolute = re.findall(r"(?:^|[\s`\"'(=])/(?:home|root|work|tmp|mnt|Users)/\S*", page.read_text())
    assert absolute == []


def test_readme_stays_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 120


def sentences(text: str) -> list[str]:
    """The sentences of the running text and of the lists; no code, tables, headings or comments."""
    prose = re.sub(r"<!--.*?-->", "", without_code(text), flags=re.S)
    lines = [line for line in prose.splitlines() if not re.match(r"\s*(\||#|!\[)", line)]
    blocks = re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )", "\n".join(lines))
    words = [re.sub(r"\]\([^)]*\)", "]", block) for block in blocks]
    return [one for block in words for one in re.split(r"(?<=[.!?:;])\s+", block.strip()) if one]


@pytest.mark.parametrize("page", WRITTEN, ids=named)
def test_sentences_are_short_enough_to_read_once(page):
    long = [one for one in sentences(page.read_text()) if len(one.split()) > 25]
    assert long == []


def test_the_count_of_words_sees_a_long_sentence():
    text = "# A heading\n\nShort. " + "word " * 26 + ".\n\n| " + "cell " * 30 + "|\n"
    assert [len(one.split()) for one in sentences(text)] == [1, 27]


def test_decisions_are_numbered_without_a_gap():
    assert [page.name[:4] for page in DECISIONS] == [f"{n:04}" for n in range(1, len(DECISIONS) + 1)]


@pytest.mark.parametrize("page", DECISIONS, ids=named)
def test_a_decision_has_one_form_and_one_page(page):
    text = page.read_text()
    assert text.startswith(f"# {int(page.name[:4])}. ")
    assert re.findall(r"^## (.+)$", text, re.M) == ["Status", "Context", "Decision", "Consequences"]
    assert STATUS.search(text.split("## Status")[1].strip())
    assert len(text.splitlines()) <= 60


def settings_read() -> set[str]:
    """Names of environment variables in hiu/: `env.str("X")`, `os.environ.get("X")`, `os.environ["X"]`."""
    return {name for path in (ROOT / "hiu").rglob("*.py") for name in names_read(path.read_text())} - NOT_OURS


def names_read(source: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        arguments: list[ast.expr] = []
        if isinstance(node, ast.Call) and READERS.fullmatch(ast.unparse(node.func)):
            arguments = node.args[:1]
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            arguments = [node.slice] if ast.unparse(node.value) == "os.environ" else []
        found |= {str(a.value) for a in arguments if isinstance(a, ast.Constant)}
    return found


def test_every_setting_of_the_environment_is_documented_and_no_other():
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", DEPLOY.read_text(), re.M))
    assert documented == settings_read()


def test_the_search_for_settings_sees_each_way_to_read_one():
    source = 'env.bool("A")\nos.environ.get("B", "x")\nos.environ["C"]\nos.environ["D"] = "written"\n'
    assert names_read(source) == {"A", "B", "C"}


def test_the_profile_shown_as_an_example_can_be_used():
    text = (ROOT / "docs/how-to/add-a-source.md").read_text()
    examples = re.findall(r"```toml\n(.*?)```", text, re.S)
    assert len(examples) == 1
    assert profile.parse("example", tomllib.loads(examples[0])).columns["nhs_number"] == [
        "NHS No",
        "NHS Number",
    ]


def test_changelog_begins_with_this_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    first = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert first is not None
    assert first[1] == version


def test_reference_says_what_the_code_says():
    call_command("write_reference", check=True)


def test_a_stale_reference_page_is_noticed(tmp_path, settings):
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs/reference").mkdir(parents=True)
    call_command("write_reference")
    roles = tmp_path / "docs/reference/roles.md"
    roles.write_text(roles.read_text().replace("Commissioner", "Owner"))
    with pytest.raises(CommandError, match=r"roles\.md"):
        call_command("write_reference", check=True)


def test_the_diagram_draws_every_allowed_move_once():
    from casework.rules import OPEN_STAGES, TRANSITIONS

    arrows = re.findall(r"^ +(\w+) --> (\w+)$", reference.case_stages(), re.M)
    drawn = [(at, to) for at, to in arrows if at != "support"]
    drawn += [(stage.value, to) for at, to in arrows if at == "support" for stage in OPEN_STAGES]
    assert sorted(drawn) == sorted(
        (at.value, to.value) for at, all_to in TRANSITIONS.items() for to in all_to
    )
