import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance import retention
from governance.actions import retention as actions
from governance.actions.retention import Outcome
from governance.models import Service


class Command(BaseCommand):
    help = (
        "Applies the retention schedule to every service, one transaction for each class of records. "
        "Example: manage.py purge_expired --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--service", help="only this service, by its short name")
        parser.add_argument("--dry-run", action="store_true", help="count what is due and remove nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        outcomes = self._purge(options["service"], dry_run=options["dry_run"])
        left = sum(each.found for each in outcomes.values())
        if left:
            self.stderr.write(
                f"{left} texts still name somebody who was removed. Look at the Retention page."
            )
        if options["json"]:
            by_class = {key: asdict(outcome) for key, outcome in outcomes.items()}
            self.stdout.write(json.dumps({"by_class": by_class, "dry_run": options["dry_run"]}))
            return
        self.stdout.write(
            "Only counted; nothing was removed." if options["dry_run"] else "Retention applied."
        )
        for key, outcome in outcomes.items():
            self.stdout.write(f"  {_line(key, outcome)}")

    def _purge(self, slug: str | None, *, dry_run: bool) -> dict[str, Outcome]:
        if slug is None:
            return actions.purge_all(dry_run=dry_run)
        service = Service.objects.filter(slug=slug).first()
        if service is None:
            known = ", ".join(Service.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f'There is no service called "{slug}". Services here: {known}.')
        return actions.purge(service=service, by=None, dry_run=dry_run)


def _line(key: str, outcome: Outcome) -> str:
    chosen = retention.get(key)
    if chosen.is_kept:
        return f"{chosen.title}: kept."
    words = f"{chosen.title}: {outcome.due:,} due, {outcome.purged:,} removed, {outcome.held:,} held."
    if outcome.columns_searched:
        searched = f"searched {outcome.columns_searched} columns, found {outcome.found}."
        words += f" {outcome.people:,} people; {searched}"
    if outcome.in_files:
        words += f" {outcome.in_files} files still name some of them and go on a day of their own."
    return words
