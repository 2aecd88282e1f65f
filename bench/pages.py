"""Pages under load: 10,000 cases, 200,000 contacts and a million attendances, two gunicorn workers, locust.

Everything is told as a ratio to a floor of the same run, as the load generator shares the processors.
"""

import datetime
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psutil
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.utils import timezone

from bench import common, later, load
from casework.actions import silence
from casework.models import Case, Contact
from governance import scope
from governance.models import Membership, Service, User
from governance.roles import Role
from governance.sign_in import marks
from hiu import processes
from hiu.servers.common import free_port

ROWS, CASES, CONTACTS_EACH, WORKERS = 1_000_000, 10_000, 20, 60
PASSWORD = "walk-the-fens-2026"
STAGES = ("offered", "engaging", "active", "active", "tapering", "light_touch")
LISTS = {
    "Today": "/casework/today/",
    "My cases": "/casework/cases/",
    "Board": "/casework/board/",
    "Caseload": "/casework/caseload/",
}
ADMIN, BARE = "/bench/admin/casework/case/", "/bench/bare/"
SECONDS, SECONDS_OF_A_DAY = 8, 60
_LOCUST = Path(".venv-bench/bin/locust")
_BATCH = 5_000


def run() -> None:
    """Print one JSON line for each page, and two for the day of sixty workers."""
    if not _LOCUST.exists():
        raise SystemExit("The load generator is not installed: run make bench, which does it.")
    source = common.fresh_feed()
    path = common.extract_file(ROWS)
    common.say(f"Loading {ROWS:,} attendances and making {CASES:,} cases ...")
    with scope.of(source.service):
        load.send(source, path)
        workers = _workers(source.service)
        cases = _cases(source.service, workers)
        lead = _user(source.service, "lead", Role.HIU_LEAD)
    with common.owner() as session:
        session.execute("VACUUM (ANALYZE)")
    with _web() as (host, web):
        _lists(host, lead, workers[0], cases[0][0])
        _days(host, cases)
        resident = max(psutil.Process(pid).memory_info().rss for pid in _children(web)) / 1024 / 1024
        common.show({"bench": "pages", "what": "a worker process", "memory_mb": round(resident), "goal": 150})


def _lists(host: str, lead: User, worker: User, case: int) -> None:
    floors = {
        "admin": _rate(host, ADMIN, _cookie(lead), users=8),
        "bare": _rate(host, BARE, _cookie(lead), users=8),
    }
    pages = {**LISTS, "client": f"/casework/cases/{case}/"}
    for name, path in pages.items():
        cookie = _cookie(lead if name in ("Board", "Caseload") else worker)
        found = _rate(host, path, cookie, users=8)
        common.show(
            {
                "bench": "pages",
                "what": name,
                "per_second": found["per_second"],
                "against_admin": round(found["per_second"] / floors["admin"]["per_second"], 2),
                "goal_against_admin": 1.5,
                "p95_ms": found["p95_ms"],
                "p95_against_bare": round(found["p95_ms"] / floors["bare"]["p95_ms"], 2),
                "goal_against_bare": 2,
                "failures": found["failures"],
                "html_kb": round(len(_page(host, path, cookie)) / 1000, 1),
                "goal_html_kb": 60,
            }
        )


def _days(host: str, cases: list[list[int]]) -> None:
    """Sixty workers for a minute, alone and with a load of a million rows beside them."""
    told = {"paths": [], "password": PASSWORD, "workers": WORKERS, "cases": cases}
    alone = _locust(host, "Worker", told, users=WORKERS, seconds=SECONDS_OF_A_DAY)
    big = later.other_bytes(common.extract_file(ROWS), 901)
    beside = subprocess.Popen(
        [sys.executable, "-m", "bench", "--one-more", str(big)], stdout=subprocess.DEVNULL
    )
    busy = _locust(host, "Worker", told, users=WORKERS, seconds=SECONDS_OF_A_DAY)
    loading = beside.poll() is None
    beside.wait()
    for what, found in {"sixty workers": alone, "sixty workers beside a load": busy}.items():
        common.show({"bench": "pages", "what": what, **found})
    ratio = round(busy["p95_ms"] / alone["p95_ms"], 2)
    common.show(
        {"bench": "pages", "what": "p95 beside a load", "ratio": ratio, "goal": 2, "was_loading": loading}
    )


def _rate(host: str, path: str, cookie: str, *, users: int) -> dict[str, Any]:
    _page(host, path, cookie)
    return _locust(host, "Impatient", {"paths": [path], "cookie": cookie}, users=users, seconds=SECONDS)


def _locust(host: str, who: str, told: dict[str, Any], *, users: int, seconds: int) -> dict[str, Any]:
    """Requests a second, 95th percentile in ms and failures of everything that was asked."""
    program = [str(_LOCUST), "--headless", "--json", "--only-summary", "-f", "bench/locustfile.py", who]
    program += [
        "--host",
        host,
        "--users",
        str(users),
        "--spawn-rate",
        str(users),
        "--run-time",
        f"{seconds}s",
    ]
    environment = os.environ | {"HIU_BENCH": json.dumps(told)}
    done = subprocess.run(program, env=environment, check=True, text=True, capture_output=True)
    stats = json.loads(done.stdout)
    took = max(one["last_request_timestamp"] for one in stats) - min(one["start_time"] for one in stats)
    requests = sum(one["num_requests"] for one in stats)
    # All sign in within a second, and a password is meant to be slow to check: told apart from the pages after it.
    pages = [one for one in stats if not one["name"].startswith("sign in")]
    return {
        "per_second": round(requests / took, 1),
        "p95_ms": _percentile(stats, 0.95),
        **({"p95_signed_in_ms": _percentile(pages, 0.95)} if len(pages) < len(stats) else {}),
        "failures": sum(one["num_failures"] for one in stats),
    }


def _percentile(stats: list[dict[str, Any]], share: float) -> int:
    times: dict[int, int] = {}
    for one in stats:
        for ms, number in one["response_times"].items():
            times[int(float(ms))] = times.get(int(float(ms)), 0) + number
    left = sum(times.values()) * share
    for ms in sorted(times):
        left -= times[ms]
        if left <= 0:
            return ms
    return max(times)


@contextmanager
def _web() -> Iterator[tuple[str, processes.Program]]:
    """The product under gunicorn as its own configuration has it, with the floors beside it."""
    port = free_port()
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "DEBUG": "0",
        "HIU_DEMO": "1",
        "HIU_HTTPS": "0",
    }
    os.environ.setdefault("SECRET_KEY", settings.SECRET_KEY)
    command = [sys.executable, "-m", "gunicorn", "hiu.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "2", "--worker-class", "sync"]
    web = processes.Program("web", command, Path(settings.VAR_DIR) / "bench-web.log")
    web.start()
    host = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            if (code := web.ended()) is not None:
                raise SystemExit(f"The web server ended with {code}: {web.last_words()}")
            try:
                urlopen(f"{host}/health/", timeout=5).close()
                break
            except OSError:
                time.sleep(0.2)
        else:
            raise SystemExit(f"The web server does not answer: {web.last_words()}")
        yield host, web
    finally:
        processes.end([web])


def _children(web: processes.Program) -> list[int]:
    assert web.child is not None
    return [child.pid for child in psutil.Process(web.child.pid).children()]


def _page(host: str, path: str, cookie: str) -> bytes:
    with urlopen(Request(host + path, headers={"Cookie": cookie}), timeout=60) as answer:
        body: bytes = answer.read()
        assert answer.url == host + path, f"{path} leads to {answer.url}"
    return body


def _cookie(user: User) -> str:
    """The cookie of a session that has been through the door."""
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    session["_auth_user_hash"] = user.get_session_auth_hash()
    marks.start(session, factor="totp")
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _user(service: Service, name: str, role: Role) -> User:
    user = User.objects.create(
        email=f"{name}@bench.example", name=name.title(), password=make_password(PASSWORD)
    )
    Membership.objects.create(service=service, user=user, role=role, starts_on="2026-01-01")
    return user


def _workers(service: Service) -> list[User]:
    return [_user(service, f"worker{number}", Role.LINK_WORKER) for number in range(WORKERS)]


def _cases(service: Service, workers: list[User]) -> list[list[int]]:
    """Cases of the people who attended most, with their contacts; returns the ids of each worker's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person_id FROM cohorts_activity GROUP BY person_id ORDER BY count(*) DESC, 1 LIMIT %s",
            [CASES],
        )
        people = [person for (person,) in cursor.fetchall()]
    now, today = timezone.now(), timezone.localdate()
    cases = Case.objects.bulk_create(
        (
            Case(
                service=service,
                person_id=person,
                worker=workers[place % WORKERS],
                stage=STAGES[place % len(STAGES)],
                chaos_total=place % 41,
                opened_at=now - datetime.timedelta(days=30 + place % 300),
                index_date=today - datetime.timedelta(days=30 + place % 300),
                next_contact_on=today + datetime.timedelta(days=place % 40 - 5),
                last_contact_at=now - datetime.timedelta(days=place % 30),
            )
            for place, person in enumerate(people)
        ),
        batch_size=_BATCH,
    )
    for start in range(0, CASES, _BATCH // CONTACTS_EACH):
        some = cases[start : start + _BATCH // CONTACTS_EACH]
        Contact.objects.bulk_create(
            _contact(case, number, now) for case in some for number in range(CONTACTS_EACH)
        )
    silence.note_all(service.cases.all())
    return [[case.pk for case in cases[place::WORKERS]] for place in range(WORKERS)]


def _contact(case: Case, number: int, now: datetime.datetime) -> Contact:
    return Contact(
        service_id=case.service_id,
        case=case,
        key=uuid.uuid4(),
        happened_at=now - datetime.timedelta(days=7 * number, hours=1),
        kind="call" if number % 2 else "home",
        outcome="reached" if number % 3 else "no_answer",
        minutes=15,
        note="Talked about the week, the letter from the council and who will come along.",
        by_id=case.worker_id,
    )
