"""docker-compose.yml and the Dockerfile say what they must, read with a parser: no Docker is needed."""

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from hiu import settings

BASE = Path(__file__).resolve().parent.parent
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?P<rule>:[?-])?(?P<rest>[^}]*)\}")
SECRETS = ("SECRET_KEY", "AUDIT_KEY", "POSTGRES_PASSWORD", "OWNER_PASSWORD", "APP_PASSWORD", "REDIS_PASSWORD")
DAILY_WORK = ("web", "worker", "beat")


@pytest.fixture(scope="module")
def text() -> str:
    return (BASE / "docker-compose.yml").read_text()


@pytest.fixture(scope="module")
def services(text: str) -> dict[str, Any]:
    return yaml.safe_load(text)["services"]


def _settings(services: dict[str, Any], name: str) -> dict[str, str]:
    return services[name]["environment"]


def _written_out(value: str) -> str:
    """The value with each variable replaced by its own name, as compose would by what is in .env."""
    return VARIABLE.sub(lambda variable: variable["name"].lower(), value)


def test_the_database_is_postgresql_16_or_newer(services: dict[str, Any]) -> None:
    image, _, version = services["db"]["image"].partition(":")
    assert image == "postgres"
    assert int(version.partition("-")[0]) >= 16


def test_redis_writes_every_change_to_its_append_only_file(services: dict[str, Any]) -> None:
    redis = services["redis"]
    assert redis["image"].startswith("redis:7")
    assert "--appendonly yes" in redis["command"]
    assert "--maxmemory-policy noeviction" in redis["command"]
    assert any(volume.endswith(":/data") for volume in redis["volumes"])


@pytest.mark.parametrize("name", DAILY_WORK)
def test_daily_work_signs_in_as_the_role_that_owns_nothing(services: dict[str, Any], name: str) -> None:
    environment = _settings(services, name)
    daily = urlsplit(_written_out(environment["DATABASE_URL"]))
    owner = urlsplit(_written_out(environment["DATABASE_OWNER_URL"]))
    assert (daily.username, daily.password) == ("hiu_app", "app_password")
    assert (owner.username, owner.password) == ("hiu_owner", None)
    assert "OWNER_PASSWORD" not in str(services[name])
    assert "POSTGRES_PASSWORD" not in str(services[name])


def test_only_the_one_shot_service_changes_tables(services: dict[str, Any]) -> None:
    migrate = services["migrate"]
    owner = urlsplit(_written_out(_settings(services, "migrate")["DATABASE_OWNER_URL"]))
    assert (owner.username, owner.password) == ("hiu_owner", "owner_password")
    assert migrate["command"] == ["python", "manage.py", "prepare_database"]
    assert migrate["restart"] == "no"


def test_the_roles_made_for_the_database_are_no_superusers() -> None:
    script = (BASE / "docker" / "roles.sh").read_text()
    assert "CREATE ROLE hiu_app LOGIN PASSWORD" in script
    assert "CREATE ROLE hiu_owner LOGIN CREATEROLE PASSWORD" in script
    assert "SUPERUSER" not in script
    assert "CREATE DATABASE hiu OWNER hiu_owner" in script
    assert os.access(BASE / "docker" / "roles.sh", os.X_OK)


@pytest.mark.parametrize("name", DAILY_WORK)
def test_daily_work_waits_for_servers_and_tables(services: dict[str, Any], name: str) -> None:
    conditions = {other: wait["condition"] for other, wait in services[name]["depends_on"].items()}
    assert conditions == {
        "db": "service_healthy",
        "redis": "service_healthy",
        "migrate": "service_completed_successfully",
    }


@pytest.mark.parametrize("name", ["db", "redis", "worker"])
def test_each_server_is_asked_whether_it_is_well(services: dict[str, Any], name: str) -> None:
    assert services[name]["healthcheck"]["test"]


def test_no_secret_is_written_in_the_file_and_a_missing_one_stops_the_start(text: str) -> None:
    rules = {name: set() for name in SECRETS}
    for variable in VARIABLE.finditer(text):
        if variable["name"] in rules:
            rules[variable["name"]].add(variable["rule"])
    assert rules == {name: {":?"} for name in SECRETS}
    assert settings.DEMO_SECRET not in text


def test_the_containers_run_without_debug(services: dict[str, Any]) -> None:
    for name in (*DAILY_WORK, "migrate"):
        assert _settings(services, name)["DEBUG"] == "0"


def test_every_variable_is_explained_in_the_example(text: str) -> None:
    named = {variable["name"] for variable in VARIABLE.finditer(text) if variable["rule"] == ":?"}
    example = re.findall(r"^(\w+)=(.*)$", (BASE / ".env.example").read_text(), re.M)
    assert named <= {name for name, _ in example}
    assert all(value == "" for _, value in example)


def test_extracts_and_reports_outlive_a_container(services: dict[str, Any]) -> None:
    for name in DAILY_WORK:
        assert "media:/media/hiu" in services[name]["volumes"]
    assert "database:/var/lib/postgresql/data" in services["db"]["volumes"]


def test_the_audit_is_anchored_on_another_volume_than_the_database(services: dict[str, Any]) -> None:
    for name in DAILY_WORK:
        assert _settings(services, name)["AUDIT_ANCHORS"].startswith("/anchors/")
        assert "anchors:/anchors" in services[name]["volumes"]


def test_only_this_machine_reaches_the_pages_directly(services: dict[str, Any]) -> None:
    open_ports = [port for service in services.values() for port in service.get("ports", [])]
    assert len(open_ports) == 1
    assert open_ports[0].startswith("127.0.0.1:")


def test_the_image_runs_as_an_ordinary_user_and_says_whether_it_is_well() -> None:
    lines = (BASE / "Dockerfile").read_text().splitlines()
    last_stage = lines[max(i for i, line in enumerate(lines) if line.startswith("FROM ")) :]
    users = [line.split()[1] for line in last_stage if line.startswith("USER ")]
    assert users == ["hiu"]
    assert any(line.startswith("HEALTHCHECK ") for line in last_stage)
    assert any("libpango-1.0-0" in line for line in last_stage)
    assert not any("npm" in line for line in last_stage)


def test_the_image_copies_only_what_exists() -> None:
    kept = [line[1:] for line in (BASE / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert [name for name in kept if not (BASE / name).exists()] == []
    assert {"hiu", "governance", "cohorts", "casework", "evaluation", "templates", "static"} <= set(kept)
