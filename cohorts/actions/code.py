"""Writing what codes mean. A change of mind is another row; extracts loaded before keep what they stored."""

from typing import Any

from django.db import transaction

from cohorts.models import CodeMeaning
from cohorts.pipeline import codes
from cohorts.pipeline.fields import label
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken


@transaction.atomic
def say(*, service: Service, by: User | None, **meaning: Any) -> CodeMeaning:
    """Say what a code of a national list means in this service, from now on or for some days.

    Raises:
        RuleBroken: for a list, a field or a meaning that there is not.
    """
    said = CodeMeaning(service=service, said_by=by, **meaning)
    _check(said)
    said.full_clean()
    said.save()
    changes = {
        "code": said.code,
        "field": said.field,
        "list": said.code_set,
        "means": said.means,
        "admits": said.admits,
        "from": said.first_day and said.first_day.isoformat(),
        "to": said.last_day and said.last_day.isoformat(),
    }
    audit.record("code_meaning_said", service=service, by=by, on=said, changes=changes)
    return said


@transaction.atomic
def take_back(*, service: Service, code_set: str, field: str, code: str, by: User | None) -> None:
    """Let the national list decide about a code again.

    Raises:
        RuleBroken: where the service has said nothing of the code.
    """
    found = service.code_meanings.filter(code_set=code_set, field=field, code=code).first()
    if found is None or found.is_withdrawn:
        raise RuleBroken("This service says nothing of its own about this code.")
    back = CodeMeaning.objects.create(
        service=service,
        code_set=code_set,
        field=field,
        code=code,
        says=found.says,
        is_withdrawn=True,
        reason="Taken back",
        said_by=by,
    )
    changes = {"code": code, "field": field, "list": code_set}
    audit.record("code_meaning_taken_back", service=service, by=by, on=back, changes=changes)


def _check(said: CodeMeaning) -> None:
    if said.code_set not in codes.shipped():
        raise RuleBroken(f'There is no code list "{said.code_set}". Choose one of those shown.')
    if said.field not in codes.CODED:
        raise RuleBroken(f'"{said.field}" has no codes here. Choose one of the fields shown.')
    possible = codes.possible(said.field)
    if possible and said.means not in possible:
        raise RuleBroken(
            f"{label(said.field)} cannot be “{said.means}”. Choose one of: {', '.join(filter(None, possible))}."
        )
