import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cohorts import undoing
from cohorts.actions import undo as actions
from cohorts.models import Extract, ExtractStatus
from governance import scope
from governance.rules import RuleBroken


class Command(BaseCommand):
    help = (
        "Undo a stored extract: what it added goes, what it replaced comes back. "
        "Refuses where something depends on it. Example: manage.py undo_extract 12 --dry-run"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("extract", type=int, help="the number of the extract, as load_extract gives it")
        parser.add_argument("--dry-run", action="store_true", help="say what would go, change nothing")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        with scope.every_service():
            extract = (
                Extract.objects.select_related("service", "source").filter(pk=options["extract"]).first()
            )
        if extract is None:
            raise CommandError(f"There is no extract {options['extract']}.")
        with scope.of(extract.service):
            try:
                result = _undo(extract, dry_run=options["dry_run"])
            except RuleBroken as problem:
                raise CommandError(str(problem)) from None
        self.stdout.write(json.dumps(result) if options["json"] else _in_words(result))


def _undo(extract: Extract, *, dry_run: bool) -> dict[str, Any]:
    if found := undoing.obstacles(extract):
        raise RuleBroken("It cannot be undone. " + " ".join(found))
    would = undoing.consequences(extract)
    if not dry_run:
        actions.ask(extract=extract, by=None, ring=False)
        actions.take_back(extract=extract)
        extract.refresh_from_db()
        if extract.status != ExtractStatus.UNDONE:
            raise RuleBroken(extract.problem or "Somebody else is working on this extract. Try again.")
    return {
        "extract": extract.pk,
        "status": extract.status,
        "rows_removed": would.rows,
        "rows_restored": would.rows_restored,
        "people_removed": would.people,
        "people_restored": would.people_restored,
        "lists_removed": len(would.lists),
    }


def _in_words(result: dict[str, Any]) -> str:
    undone = result["status"] == ExtractStatus.UNDONE
    return (
        f"Extract {result['extract']} {'is undone' if undone else 'can be undone'}: "
        f"{result['rows_removed']:,} rows go, {result['rows_restored']:,} go back to what they were; "
        f"{result['people_removed']:,} people go, the details of {result['people_restored']:,} go back; "
        f"{result['lists_removed']:,} lists go."
    )
