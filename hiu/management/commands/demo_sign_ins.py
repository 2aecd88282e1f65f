from typing import Any

from django.core.management.base import BaseCommand

from governance.models import User
from governance.roles import ROLES
from hiu.demo.cast import PASSWORD, SERVICES


class Command(BaseCommand):
    help = "Prints one sign-in for each role of the demo, if the demo is loaded."

    def handle(self, *args: Any, **options: Any) -> None:
        present = set(User.objects.values_list("email", flat=True))
        shown = set()
        for cast in SERVICES:
            for worker in cast.workers:
                if worker.email in present and worker.role not in shown:
                    shown.add(worker.role)
                    self.stdout.write(f"{ROLES[worker.role].display_name:<16} {worker.email:<34} {PASSWORD}")
