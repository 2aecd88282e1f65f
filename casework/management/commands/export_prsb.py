import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from casework.actions import prsb
from casework.prsb.build import Recipient
from casework.prsb.schema import Model
from governance import scope
from governance.models import Service, User
from governance.permissions import role_allows
from governance.roles import Permission
from governance.rules import RuleBroken


class Command(BaseCommand):
    help = (
        "Write a case as a PRSB social prescribing document. It is on record as taken. "
        "Example: manage.py export_prsb 12 --by lead@example.nhs.uk --out message.json --reason ended"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("case", type=int, help="the number of the case")
        parser.add_argument(
            "--by", required=True, help="the e-mail of the member who completes it and answers for it"
        )
        parser.add_argument("--out", required=True, help="the file to write")
        parser.add_argument("--reason", required=True, choices=list(prsb.Reason), help="why it is sent")
        parser.add_argument("--model", choices=list(Model), default=Model.MESSAGE.value)
        parser.add_argument("--to", choices=list(Recipient), default=Recipient.GP.value)
        parser.add_argument("--summary", default="", help="what the reader should know, in words")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            exported = _export(options)
        except RuleBroken as problem:
            raise CommandError(str(problem)) from None
        except OSError as problem:
            raise CommandError(
                f"Cannot write {options['out']}: {problem.strerror}. Choose another file."
            ) from None
        told = {
            "case": options["case"],
            "model": options["model"],
            "to": options["to"],
            "file": options["out"],
            "sha256": exported.sha256,
        }
        words = (
            f"Case {options['case']} is written to {options['out']}. Send it the way your service has agreed."
        )
        self.stdout.write(json.dumps(told) if options["json"] else words)


@transaction.atomic
def _export(options: dict[str, Any]) -> prsb.Exported:
    """The file, written before the event is kept: what cannot be written was not taken."""
    for service in Service.objects.all():
        with scope.of(service):
            case = (
                service.cases.select_related("service__host", "person", "worker")
                .filter(pk=options["case"])
                .first()
            )
            if case is None:
                continue
            exported = prsb.export(
                case=case,
                model=Model(options["model"]),
                recipient=Recipient(options["to"]),
                reason=options["reason"],
                summary=options["summary"],
                by=_member(service, options["by"]),
            )
            Path(options["out"]).write_bytes(exported.content)
            return exported
    raise RuleBroken(f"There is no case {options['case']}.")


def _member(service: Service, email: str) -> User:
    """Who answers for the document: a member today whose role may share."""
    members = service.memberships.in_force(timezone.localdate()).select_related("user")
    membership = members.filter(user__email__iexact=email).first()
    if membership is None:
        raise RuleBroken(f"Nobody with the e-mail {email} may sign in to {service}.")
    if not role_allows(membership.role, Permission.SHARE_INFORMATION):
        raise RuleBroken(f"The role of {email} does not include sharing information.")
    return membership.user
