"""What every answer carries: each address as nobody and as a member, errors, redirects, files, refusals."""

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from governance.models import Service
from governance.roles import Role
from tests.factories.governance import MembershipFactory
from tests.signed_in import signed_in
from tests.test_access import ALL, address
from tests.world import World, build_world

pytestmark = pytest.mark.django_db

YEAR = 365 * 24 * 60 * 60
# A text says how it is written.
KNOWN_TYPES = r"text/\w+; charset=\"?utf-8\"?$|application/(json|pdf|toml|vnd\.openxmlformats)"
# What may be kept by a browser, since it is the same for everybody.
MAY_BE_KEPT = {"brand", "casework:service_worker"}


@pytest.fixture(autouse=True)
def _over_https(settings: Any, tmp_path: Path) -> None:
    settings.SECURE_HSTS_SECONDS = YEAR
    settings.STATIC_ROOT = str(tmp_path / "static")
    (tmp_path / "static").mkdir()
    (tmp_path / "static/page.css").write_text("a{}")


@pytest.fixture
def world(service: Service) -> World:
    return build_world(service)


def member(service: Service, role: Role = Role.HIU_LEAD) -> Client:
    user = MembershipFactory(service=service, role=role).user
    return signed_in(user, Client(raise_request_exception=False))


def nobody() -> Client:
    return Client(raise_request_exception=False)


def problems(response: Any, *, may_be_kept: bool = False) -> list[str]:
    """What an answer lacks, in words."""
    headers = response.headers
    policy = dict(
        directive.strip().partition(" ")[::2]
        for directive in headers.get("Content-Security-Policy", "").split(";")
    )
    found = {
        "default-src 'self'": policy.get("default-src") == "'self'",
        "script-src 'self'": policy.get("script-src") == "'self'",
        "object-src 'none'": policy.get("object-src") == "'none'",
        "base-uri 'none'": policy.get("base-uri") == "'none'",
        "form-action 'self'": policy.get("form-action") == "'self'",
        "frame-ancestors 'none'": policy.get("frame-ancestors") == "'none'",
        "nothing unsafe": "unsafe" not in str(policy) and "*" not in str(policy),
        "X-Frame-Options": headers.get("X-Frame-Options") == "DENY",
        "HSTS": f"max-age={YEAR}" in headers.get("Strict-Transport-Security", ""),
        "nosniff": headers.get("X-Content-Type-Options") == "nosniff",
        "referrer": headers.get("Referrer-Policy") == "same-origin",
        "opener": headers.get("Cross-Origin-Opener-Policy") == "same-origin",
        "camera off": "camera=()" in headers.get("Permissions-Policy", ""),
        "no-store": may_be_kept or "no-store" in headers.get("Cache-Control", ""),
        "a type": bool(re.match(KNOWN_TYPES, headers.get("Content-Type", ""))),
        "nobody else's pages": "Access-Control-Allow-Origin" not in headers,
        "nothing about the server": not {"Server", "X-Powered-By"} & set(headers),
    }
    return [name for name, fine in found.items() if not fine]


def problems_everywhere(client: Client, world: World, method: str = "get") -> dict[str, list[str]]:
    """The addresses whose answer lacks something, and what."""
    found = {}
    for name in sorted(ALL):
        response = getattr(client, method)(address(name, world), secure=True)
        response.getvalue()  # a file is read to its end; closing by hand would end the transaction
        found[name] = problems(response, may_be_kept=name in MAY_BE_KEPT)
        found[name] += ["an answer of its own"] if response.status_code >= 500 else []
    return {name: lacking for name, lacking in found.items() if lacking}


@pytest.mark.parametrize("method", ["get", "post"])
def test_every_address_as_nobody(world: World, method: str) -> None:
    assert problems_everywhere(nobody(), world, method) == {}


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("role", list(Role))
def test_every_address_as_a_member(world: World, role: Role, method: str) -> None:
    assert problems_everywhere(member(world.service, role), world, method) == {}


def test_a_page_that_is_not_there(service: Service) -> None:
    response = member(service).get("/nowhere/", secure=True)
    assert response.status_code == 404
    assert problems(response) == []


def test_a_missing_slash(service: Service) -> None:
    response = member(service).get("/governance/members", secure=True)
    assert response.status_code in {301, 404}
    assert problems(response) == []


def test_a_name_of_the_server_that_is_not_ours() -> None:
    response = nobody().get("/", secure=True, HTTP_HOST="elsewhere.example")
    assert response.status_code == 400
    assert problems(response) == []


def test_a_redirect_to_https(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    response = nobody().get("/")
    assert response.status_code == 301
    assert set(problems(response)) <= {"HSTS"}  # which counts over HTTPS only


def test_a_form_without_its_token(service: Service) -> None:
    client = signed_in(MembershipFactory(service=service).user, Client(enforce_csrf_checks=True))
    response = client.post(reverse("new_password"), secure=True)
    assert response.status_code == 403
    assert problems(response) == []


@pytest.mark.parametrize("failure, status", [(RuntimeError("x"), 500), (SuspiciousOperation("x"), 400)])
def test_a_view_that_fails(service: Service, monkeypatch: Any, failure: Exception, status: int) -> None:
    def failing(request: Any) -> HttpResponse:
        raise failure

    failing.without_service = True  # type: ignore[attr-defined]
    monkeypatch.setattr(ALL["home"], "callback", failing)
    response = member(service).get(reverse("home"), secure=True)
    assert response.status_code == status
    assert problems(response) == []


def test_middleware_that_fails(service: Service, monkeypatch: Any) -> None:
    client = member(service)
    monkeypatch.setattr("governance.middleware.ServiceMiddleware._choose", lambda *_: 1 / 0)
    response = client.get(reverse("home"), secure=True)
    assert response.status_code == 500
    assert problems(response) == []


def test_a_static_file() -> None:
    response = nobody().get("/static/page.css", secure=True)
    response.getvalue()
    assert response.status_code == 200
    assert problems(response, may_be_kept=True) == []


def test_a_static_file_that_is_not_there() -> None:
    response = nobody().get("/static/nothing.css", secure=True)
    assert response.status_code in {302, 404}
    assert problems(response) == []


def test_a_request_is_not_sent_back_as_an_answer(service: Service) -> None:
    for client in (nobody(), member(service)):
        response = client.trace("/", secure=True, HTTP_X_TOLD="told")
        assert response.status_code in {302, 405}
        assert b"told" not in response.content
        assert problems(response) == []


def test_the_checks_find_an_answer_without_headers() -> None:
    assert len(problems(HttpResponse("bare"))) >= 12


def test_cookies_are_for_https_and_not_for_scripts(link_worker: Any) -> None:
    said = started_in_production(
        "import django; django.setup()\n"
        "from django.conf import settings as s\n"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE)"
    )
    assert said.stdout.split() == ["True", "True", "True", "Lax"]


def test_a_deployment_has_no_warning() -> None:
    code = "import sys; from django.core.management import execute_from_command_line as run; run(sys.argv)"
    said = started_in_production(code, "check", "--deploy", "--fail-level", "WARNING")
    assert said.returncode == 0, said.stderr
    assert "no issues (0 silenced)" in said.stdout


def test_the_check_of_a_deployment_would_warn() -> None:
    code = "import sys; from django.core.management import execute_from_command_line as run; run(sys.argv)"
    said = started_in_production(code, "check", "--deploy", "--fail-level", "WARNING", HIU_HTTPS="0")
    assert said.returncode != 0
    assert re.search(r"security\.W0", said.stderr)


def started_in_production(code: str, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
    """A new interpreter with the settings of a real service, and no server to reach."""
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "hiu.settings",
        "DEBUG": "0",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "hiu.example.org",
        "CSRF_TRUSTED_ORIGINS": "https://hiu.example.org",
        "DATABASE_URL": "postgres://nobody@127.0.0.1/none",
        "REDIS_URL": "redis://127.0.0.1/0",
        **changed,
    }
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=Path(__file__).resolve().parent.parent,
        env=environment,
        capture_output=True,
        text=True,
    )
