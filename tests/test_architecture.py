"""The codebase testing itself: import direction, where queries and writes may be, file sizes."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parent.parent
APPS = ["governance", "cohorts", "casework", "evaluation"]
PURE = [
    "cohorts/pipeline/read.py",
    "cohorts/pipeline/map.py",
    "cohorts/pipeline/minimise.py",
    "cohorts/pipeline/check.py",
    "cohorts/pipeline/profile.py",
    "cohorts/pipeline/fields.py",
    "cohorts/referrals/rules.py",
    "governance/standing.py",
    "governance/incident_rules.py",
    "governance/safety/log.py",
    "governance/safety/matrix.py",
    "evaluation/disclosure.py",
    "evaluation/charts.py",
    "governance/svg.py",
    "casework/scoring.py",
    "casework/pictures.py",
    "casework/safety.py",
    "casework/support.py",
    "evaluation/disclosure_table.py",
    "evaluation/standalone.py",
    *(str(p.relative_to(ROOT)) for p in (ROOT / "evaluation/differencing").rglob("*.py")),
    *(str(p.relative_to(ROOT)) for p in (ROOT / "evaluation/impact").rglob("*.py")),
    *(str(p.relative_to(ROOT)) for p in (ROOT / "evaluation/money").rglob("*.py")),
    "evaluation/scorecard/change.py",
    "evaluation/scorecard/scales.py",
    "evaluation/scorecard/sets/__init__.py",
    "evaluation/quoted/__init__.py",
    *(f"{app}/rules.py" for app in APPS if (ROOT / app / "rules.py").exists()),
]
LONGEST_FILE = 400


def sources(*folders: str) -> list[Path]:
    return [
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative imports hide the direction"
            yield node.module or ""


@pytest.mark.parametrize("position, app", list(enumerate(APPS)))
def test_an_app_imports_only_from_apps_above_it(position, app):
    forbidden = {*APPS[position + 1 :], "hiu", "tests"}
    offences = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources(app)
        for name in imported(path)
        if name.split(".")[0] in forbidden
    ]
    assert offences == []


@pytest.mark.parametrize("path", PURE)
def test_pure_files_import_no_django(path):
    names = [
        n for n in imported(ROOT / path) if n.split(".")[0] in {"django", "celery"} or n.endswith(".models")
    ]
    assert names == []


def view_files() -> list[Path]:
    return [
        p
        for app in APPS
        for p in [ROOT / app / "views.py", *sorted((ROOT / app / "views").rglob("*.py"))]
        if p.exists()
    ]


def managers_used(tree: ast.AST) -> Iterator[str]:
    """`Model.objects`, and models handed to get_object_or_404 or friends."""
    names = {m.__name__ for m in apps.get_models()}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}:
            yield ast.unparse(node)
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("get_object_or", "get_list_or")):
            first = ast.unparse(node.args[0])
            if first in names:
                yield f"{ast.unparse(node.func)}({first})"


def page_files() -> list[Path]:
    """What views have others fetch for them."""
    return [p for app in APPS for p in [ROOT / app / "pages.py", *sources(f"{app}/pages")] if p.exists()]


# Rows that belong to no service as well as to one.
SHARED = {"casework/pages/scores.py": ["Instrument.objects", "AssessmentAnswer.objects"]}


@pytest.mark.parametrize("path", view_files() + page_files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_views_start_from_the_service(path):
    allowed = SHARED.get(str(path.relative_to(ROOT)), [])
    assert list(managers_used(ast.parse(path.read_text()))) == allowed


def test_the_sweep_for_managers_sees_what_it_should():
    tree = ast.parse(
        "Person.objects.all()\nget_object_or_404(Person, pk=1)\nget_object_or_404(s.people, pk=1)"
    )
    assert sorted(managers_used(tree)) == ["Person.objects", "get_object_or_404(Person)"]


WRITES = {"save", "create", "bulk_create", "update", "delete", "get_or_create", "update_or_create"}


def action_names(tree: ast.AST) -> set[str]:
    """What a file calls the actions it imports; `rule.save` of an action is how a view writes."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and ".actions" in (node.module or "")
        for alias in node.names
    }


def writes(tree: ast.AST) -> Iterator[str]:
    actions = action_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            called = ast.unparse(node.func)
            if called.split(".")[0] not in actions:
                yield called


@pytest.mark.parametrize("path", view_files() + page_files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_views_write_nothing(path):
    assert list(writes(ast.parse(path.read_text()))) == []


def test_the_sweep_for_writes_sees_what_it_should():
    tree = ast.parse("from a.actions import rule\nrule.save(x=1)\nrow.save()\nservice.people.create(a=1)")
    assert list(writes(tree)) == ["row.save", "service.people.create"]


@pytest.mark.parametrize(
    "path", sources(*APPS, "hiu", "tests", "bench"), ids=lambda p: str(p.relative_to(ROOT))
)
def test_no_file_outgrows_its_meaning(path):
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


def test_sensitive_models_name_their_service():
    """Every model below governance belongs to a service, hangs on a row that does, or is public and says so."""
    through_parent = {"InstrumentItem", "AssessmentAnswer", "WeightValue", "CalibrationEstimate"}
    missing = [
        model.__name__
        for model in apps.get_models()
        if model._meta.app_label in APPS[1:]
        and model.__name__ not in through_parent
        and not hasattr(model, "open_to_all")
        and not any(f.name == "service" for f in model._meta.fields)
    ]
    assert missing == []


def test_what_is_open_to_all_holds_nothing_about_anybody():
    public = [model for model in apps.get_models() if hasattr(model, "open_to_all")]
    assert {model.__name__ for model in public} == {"ReferenceFile", "AreaDecile", "PostcodeArea"}
    assert not any(model.privacy.withheld for model in public)


def own_models() -> list[type[models.Model]]:
    return [m for m in apps.get_models() if m._meta.app_label in APPS]


@pytest.mark.parametrize("model", own_models(), ids=lambda m: m.__name__)
def test_who_and_when_come_in_pairs(model):
    fields = {f.name: f for f in model._meta.fields}
    for name in fields:
        if name.endswith("_by"):
            assert f"{name[:-3]}_at" in fields, f"{model.__name__}.{name} has no time beside it"
