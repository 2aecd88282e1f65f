"""Who asks for pages in `python -m bench pages`. Runs in an environment of its own, which knows no Django.

What to ask for comes from the environment: HIU_BENCH is JSON with `paths`, and `cookie` or `password`.
"""

import json
import os
import random
import re
import uuid

from locust import FastHttpUser, constant, constant_throughput, events, task

WHAT = json.loads(os.environ.get("HIU_BENCH", '{"paths": ["/"]}'))
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?')
_numbers = iter(range(10_000))


class Impatient(FastHttpUser):
    """One signed-in reader who asks for the same page as soon as it has come."""

    wait_time = constant(0)

    @task
    def read(self) -> None:
        """One page."""
        self.client.get(random.choice(WHAT["paths"]), headers={"Cookie": WHAT["cookie"]})


class Worker(FastHttpUser):
    """A link worker in a day: signs in, then does something every ten seconds."""

    wait_time = constant_throughput(0.1)

    def on_start(self) -> None:
        """Sign in with the password, as one of the invented workers."""
        number = next(_numbers) % WHAT["workers"]
        self.cases = WHAT["cases"][number]
        page = self.client.get("/sign-in/", name="sign in: page")
        fields = dict(_HIDDEN.findall(page.text))
        fields |= {"username": f"worker{number}@bench.example", "password": WHAT["password"]}
        self._post("/sign-in/", fields, "sign in")

    @task(4)
    def today(self) -> None:
        """Whom to ring."""
        self.client.get("/casework/today/", name="Today")

    @task(2)
    def all_cases(self) -> None:
        """My cases."""
        self.client.get("/casework/cases/", name="My cases")

    @task(4)
    def one_case(self) -> None:
        """A client's page."""
        self.client.get(f"/casework/cases/{random.choice(self.cases)}/", name="client")

    @task(3)
    def log_a_contact(self) -> None:
        """The form, filled in and sent."""
        path = f"/casework/cases/{random.choice(self.cases)}/contact/"
        page = self.client.get(path, name="contact: form")
        fields = dict(_HIDDEN.findall(page.text))
        fields |= {
            "kind": "call",
            "outcome": "reached",
            "minutes": "10",
            "next_contact": "7",
            "note": str(uuid.uuid4()),
        }
        self._post(path, fields, "contact: save")

    def _post(self, path: str, fields: dict[str, str], name: str) -> None:
        """A form must lead somewhere else; the same page again is a refusal."""
        headers = {"Referer": f"{self.host}{path}"}
        with self.client.post(
            path, data=fields, headers=headers, name=name, allow_redirects=False, catch_response=True
        ) as answer:
            if answer.status_code != 302:
                answer.failure(f"answered {answer.status_code}")


@events.quitting.add_listener
def _quietly(environment: object, **_: object) -> None:
    """Failures are in the figures; the program itself did what it was asked."""
    environment.process_exit_code = 0  # type: ignore[attr-defined]
