import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casework.actions import preset as presets
from casework.presets import read
from governance import scope
from governance.arguments import checked
from governance.models import Service
from governance.rules import RuleBroken


class Command(BaseCommand):
    help = (
        "Give the newest version of a preset to every service that has it, one after the other and each in a "
        "transaction of its own. Exit 1 when a service refused it. Example: manage.py push_preset starter_pack --all"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", type=checked(read.known), help=f"one of {', '.join(read.names())}")
        parser.add_argument(
            "--all", action="store_true", required=True, help="every service that has the preset"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            preset = read.load(options["name"])
        except RuleBroken as problem:
            raise CommandError(str(problem)) from None
        results = [told for service in Service.objects.all() if (told := _push(service, preset))]
        if options["json"]:
            self.stdout.write(
                json.dumps({"preset": preset.name, "version": preset.version, "services": results})
            )
        else:
            self.stdout.write("\n".join(map(_in_words, results)) or "No service has this preset.")
        if any(told["problem"] for told in results):
            sys.exit(1)


def _push(service: Service, preset: read.Preset) -> dict[str, Any] | None:
    """What became of one service, seen from inside it alone; None where it does not have the preset."""
    with scope.of(service):
        if not service.preset_loads.filter(preset=preset.name).exists():
            return None
        told: dict[str, Any] = {"service": service.slug, "created": 0, "changed": 0, "kept": 0, "problem": ""}
        try:
            loaded = presets.load(service=service, preset=preset, by=None)
        except RuleBroken as problem:
            return told | {"problem": str(problem)}
        return told | {"created": loaded.created, "changed": loaded.changed, "kept": loaded.kept}


def _in_words(told: dict[str, Any]) -> str:
    if told["problem"]:
        return f"{told['service']}: refused. {told['problem']}"
    return f"{told['service']}: {told['created']} new, {told['changed']} changed, {told['kept']} left as the service has them."
