"""Where something about a person is kept: found from the models themselves, so that a new one is not forgotten.

A row is about a person when foreign keys lead from it to them: a consent directly, a contact through its case.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from governance.models import Organisation, Person, Service, User
from governance.models.insert_only import InsertOnlyModel
from governance.privacy import FieldPrivacy, Privacy, Scrub

Model = type[models.Model]

# Rows about a person that a copy for the person leaves out, each with its reason.
NOT_IN_A_COPY: dict[str, str] = {
    "governance.MovedRow": "says only which rows a merge moved, and the rows are in the copy themselves",
    "governance.FilledDetail": "says only which details a merge filled in, and the details are in the copy",
    "governance.FreeText": "says only what was taken out of the copy, which the copy marks in its place",
}

# Models with personal fields but no way to one person; each is told of in another way, or is about staff.
ABOUT_NO_ONE_PERSON: dict[str, str] = {
    "governance.User": "about staff",
    "governance.SignIn": "about staff",
    "governance.FactorReset": "about staff",
    "governance.SafeguardingLead": "about staff",
    "casework.WorkerProfile": "about staff",
    "governance.Signature": "about whoever signed for an organisation",
    "governance.Partner": "an address of an organisation",
    "governance.ImpactAnswer": "about a project, not about people",
    "governance.ImpactSignOff": "about whoever signed off",
    # It may tell of a person, in words and by a case number that nobody checks. Whoever answers a request
    # looks through the incidents by hand.
    "governance.Incident": "written about what happened, with a case number at most",
    "governance.IncidentStep": "goes with its incident",
    "governance.IncidentTriage": "goes with its incident",
    "governance.AuditEvent": "found by what each event is about, and listed in the copy",
    "cohorts.Arrival": "a file of many people, by its name; the copy names the files the person came in",
    "cohorts.Extract": "a file of many people; the copy names the files the person came in",
    "cohorts.ReferralLink": "a key to a form, given to an organisation",
    "evaluation.ReportWithdrawal": "what was wrong with the figures of a quarter",
    "cohorts.ListCount": "keyed counts of people who are not kept any more; nobody can be found in it",
}

# No row of theirs hangs on a person, whatever they point at.
_ENDS = (Service, User, Organisation)


@cache
def paths(root: Model = Person) -> dict[Model, tuple[str, ...]]:
    """Every model whose rows hang on a row of `root`, with the lookups that lead there; `root` has "pk"."""
    found = {
        model: tuple(_walk(model, root, frozenset())) for model in apps.get_models(include_auto_created=True)
    }
    return {model: ways for model, ways in found.items() if ways}


def rows(model: Model, ids: Any, root: Model = Person) -> QuerySet[Any]:
    """Rows of a model that hang on rows of `root` with these ids (a list, or a query of them)."""
    inner = RawSQL("SELECT unnest(%s::bigint[])", [list(ids)]) if isinstance(ids, list | tuple | set) else ids
    condition = Q()
    for way in paths(root)[model]:
        condition |= Q(**{f"{way}__in": inner})
    return model._base_manager.filter(condition)


@cache
def children_first(root: Model = Person) -> tuple[Model, ...]:
    """The models of `paths(root)`, each before those it points at: the order in which rows can be deleted."""
    left, ordered = dict.fromkeys(sorted(paths(root), key=lambda m: m._meta.label)), list[Model]()
    while left:
        pointed_at = {target for model in left for target in _targets(model) if target is not model}
        free = [model for model in left if model not in pointed_at]
        if not free:
            raise ValueError(f"Models point at each other in a ring: {', '.join(m.__name__ for m in left)}")
        ordered += free
        for model in free:
            del left[model]
    return tuple(ordered)


def free_text_fields(model: Model) -> list[str]:
    """Fields somebody wrote sentences into, which may speak of somebody else."""
    privacy = privacy_of(model)
    withheld = {**privacy.personal, **privacy.special}
    return [
        field.name
        for field in model._meta.concrete_fields
        if withheld.get(field.name) == Scrub.SENTENCE
        or (isinstance(field, models.TextField) and not field.choices and field.name in withheld)
    ]


def privacy_of(model: Model) -> FieldPrivacy:
    """The declared classes of a model's fields; a link table made by Django has none to declare."""
    privacy: FieldPrivacy = getattr(model, "privacy", FieldPrivacy())
    return privacy


def class_of(model: Model, field: str) -> Privacy:
    """The class of a field; one that nobody decided on counts as special, to be safe."""
    return privacy_of(model).class_of(field) or Privacy.SPECIAL


def erasable_tables() -> list[tuple[str, str, str]]:
    """Insert-only tables that retention may delete from: (table, the one that names its service, its column).

    The last two are empty where the table names its service itself.
    """
    return sorted(_service_of(model) for model in paths() if issubclass(model, InsertOnlyModel))


def _service_of(model: Model) -> tuple[str, str, str]:
    if _names_service(model):
        return model._meta.db_table, "", ""
    for field in _foreign_keys(model):
        target = field.related_model
        if target in paths() and _names_service(target):
            return model._meta.db_table, target._meta.db_table, field.column
    raise ValueError(f"{model._meta.label} neither names its service nor points at a row that does.")


def _names_service(model: Model) -> bool:
    return any(field.name == "service" for field in model._meta.concrete_fields)


def _walk(model: Model, root: Model, trail: frozenset[Model]) -> Iterator[str]:
    """Ways from a model to the root. A direct way that is always there makes those round corners needless."""
    if model is root:
        yield "pk"
        return
    if model in trail or model in _ENDS:
        return
    fields = _foreign_keys(model)
    direct = [field.name for field in fields if field.related_model is root]
    yield from direct
    if direct and not all(model._meta.get_field(name).null for name in direct):
        return
    for field in fields:
        if field.related_model is not root:
            yield from (f"{field.name}__{way}" for way in _walk(field.related_model, root, trail | {model}))


def _foreign_keys(model: Model) -> list[Any]:
    return [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]


def _targets(model: Model) -> Iterable[Model]:
    return (field.related_model for field in _foreign_keys(model))
