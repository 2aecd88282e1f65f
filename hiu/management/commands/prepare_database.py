import io
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from governance import database


class Command(BaseCommand):
    help = "As the owner of the database: bring its tables up to date and make the application's role."

    def handle(self, *args: Any, **options: Any) -> None:
        role = database.ensure_application_role()
        call_command("migrate", database=database.OWNER, verbosity=options["verbosity"], interactive=False)
        call_command("createcachetable", database=database.OWNER, verbosity=options["verbosity"])
        database.build_walls(to=role)
        if problem := database.problem():
            raise CommandError(problem)
        call_command("load_instruments", stdout=io.StringIO())
