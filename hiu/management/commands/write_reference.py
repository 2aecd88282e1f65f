from argparse import Action
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter

from hiu import reference, reference_asvs, reference_privacy

OURS = ("hiu", "governance", "cohorts", "casework", "evaluation")


class Command(BaseCommand):
    help = "Writes docs/reference/ from the code: stages, roles, fields, measures, commands, privacy."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail when a page is out of date"
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        folder = Path(settings.BASE_DIR) / "docs" / "reference"
        stale = {name: text for name, text in pages().items() if _on_disk(folder / name) != text}
        if check and stale:
            raise CommandError(
                f"Out of date in docs/reference: {', '.join(stale)}. Run manage.py write_reference."
            )
        for name, text in stale.items():
            (folder / name).write_text(text, encoding="utf-8")
        self.stdout.write(f"Written: {', '.join(stale)}." if stale else "Every page is up to date.")


def pages() -> dict[str, str]:
    """Each page of docs/reference by its file name."""
    return {
        "case-stages.md": reference.case_stages(),
        "roles.md": reference.roles(),
        "extract-fields.md": reference.extract_fields(),
        "measures.md": reference.measures(),
        "commands.md": reference.commands(our_commands()),
        "data-dictionary.md": reference_privacy.data_dictionary(),
        "dpia-annex.md": reference_privacy.dpia_annex(),
        "asvs.md": reference_asvs.asvs(),
    }


def our_commands() -> list[reference.CommandEntry]:
    """The commands that our own apps add to manage.py, by name."""
    found = []
    for name, app in sorted(get_commands().items()):
        if app in OURS:
            command = load_command_class(app, name)
            found.append(reference.CommandEntry(name, command.help, _arguments(command, name)))
    return found


def _arguments(command: BaseCommand, name: str) -> list[Action]:
    """The arguments of the command itself, without those that every command has."""
    shared = DjangoHelpFormatter.show_last | {"--help"}
    actions = command.create_parser("manage.py", name)._actions
    return [action for action in actions if not shared.intersection(action.option_strings)]


def _on_disk(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
