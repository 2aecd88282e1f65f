import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from casework.actions import preset as presets
from casework.presets import read
from cohorts.lists import under_18
from governance import scope
from governance.arguments import checked
from governance.models import Service
from governance.models.preset import PartKind
from governance.rules import RuleBroken


class Command(BaseCommand):
    help = (
        "Give a service the rules, tiers, targets, agreement template and instrument of a preset; safe to run "
        "again. What the service changed for itself stays. Example: manage.py load_preset starter_pack --service fenland"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", type=checked(read.known), help=f"one of {', '.join(read.names())}")
        parser.add_argument("--service", required=True, help="the service's short name")
        parser.add_argument(
            "--replace", action="store_true", help="also replace rules that the service changed for itself"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            service, preset = _service(options["service"]), read.load(options["name"])
            with scope.of(service):
                loaded = presets.load(service=service, preset=preset, by=None, replace=options["replace"])
                lacks = _lacks(service, preset)
        except RuleBroken as problem:
            raise CommandError(str(problem)) from None
        if options["json"]:
            self.stdout.write(json.dumps(told(loaded) | {"lacks": lacks}))
            return
        self.stdout.write(f"{preset.title}, version {preset.version}, for {service}:")
        for change in loaded.plan.changes:
            self.stdout.write(f"  {change.part.kind.label}: {change.what_words.lower()}")
            for line in change.comes:
                self.stdout.write(f"    {line}")
        for slug, sentences in lacks.items():
            self.stdout.write(f"  No list can be built with {slug} yet: {' '.join(sentences)}")


def told(loaded: presets.Loaded) -> dict[str, Any]:
    """What was done, for other programs."""
    return {
        "preset": loaded.plan.preset.name,
        "version": loaded.plan.preset.version,
        "created": loaded.created,
        "changed": loaded.changed,
        "kept": loaded.kept,
        "parts": [
            {"kind": change.part.kind.value, "key": change.part.key, "what": change.what.value}
            for change in loaded.plan.changes
        ],
        "not_yet": list(loaded.plan.preset.not_yet),
    }


def _lacks(service: Service, preset: read.Preset) -> dict[str, list[str]]:
    """What the rules that take people under 18 still need, by their short names."""
    slugs = [part.key for part in preset.parts if part.kind == PartKind.RULE]
    rules = service.cohort_rules.newest().filter(slug__in=slugs)
    found = {rule.slug: under_18.lacks(service, rule, timezone.localdate()) for rule in rules}
    return {slug: sentences for slug, sentences in found.items() if sentences}


def _service(slug: str) -> Service:
    found = Service.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Service.objects.values_list("slug", flat=True)) or "none yet"
        raise RuleBroken(f'There is no service called "{slug}". Services here: {known}.')
    return found
