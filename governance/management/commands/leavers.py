import datetime
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from governance import audit, scope
from governance.models import Membership, Service


class Command(BaseCommand):
    help = "Lists who lost access, or will, within some days. Example: manage.py leavers --days 30 --json"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=30, help="how many days back and ahead")
        parser.add_argument("--service", help="slug of one service; all of them if left out")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        days, today = options["days"], timezone.localdate()
        if days < 0:
            raise CommandError("Give --days as 0 or more.", returncode=2)
        services = Service.objects.all()
        if options["service"]:
            services = services.filter(slug=options["service"])
            if not services:
                raise CommandError(f"There is no service {options['service']}.")
        rows = [row for service in services for row in _leavers(service, today, days)]
        result = {
            "days": days,
            "lost": [row for row in rows if row["last_day"] < today.isoformat()],
            "will_lose": [row for row in rows if row["last_day"] >= today.isoformat()],
        }
        self.stdout.write(json.dumps(result) if options["json"] else _in_words(result))


def _leavers(service: Service, today: datetime.date, days: int) -> list[dict[str, Any]]:
    """The members of one service whose last day lies within so many days of today, soonest first."""
    with scope.of(service, people=False):
        found = [
            _row(membership)
            for membership in service.memberships.select_related("user", "service")
            if membership.access_ends and abs((membership.access_ends.on - today).days) <= days
        ]
        audit.look("leavers_listed", service=service, by=None, changes={"days": days, "members": len(found)})
    return sorted(found, key=lambda row: (row["last_day"], row["email"]))


def _row(membership: Membership) -> dict[str, Any]:
    ends = membership.access_ends
    assert ends is not None
    return {
        "service": membership.service.slug,
        "email": membership.user.email,
        "role": membership.role,
        "last_day": ends.on.isoformat(),
        "because": ends.because,
    }


def _in_words(result: dict[str, Any]) -> str:
    lines = []
    for key, heading in (("lost", "Lost access"), ("will_lose", "Will lose access")):
        lines.append(f"{heading} within {result['days']} days: {len(result[key])}")
        lines += [
            f"  {row['last_day']}  {row['service']:<12} {row['role']:<16} {row['email']} ({row['because']})"
            for row in result[key]
        ]
    return "\n".join(lines)
