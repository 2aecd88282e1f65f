import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def started(**environment: str) -> subprocess.CompletedProcess[str]:
    """A new interpreter that reads the settings with this environment."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", "from hiu import settings; print(settings.DATABASES['default']['USER'])"],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
    )


def test_the_demo_secret_is_refused_without_debug():
    done = started(DEBUG="0")
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr.splitlines()[-1]


def test_an_own_secret_is_accepted_without_debug():
    assert started(DEBUG="0", SECRET_KEY="x" * 50).returncode == 0


@pytest.mark.parametrize(
    "environment, role",
    [
        ({"DATABASE_URL": "postgres://boss:pw@db/hiu"}, "hiu_app"),
        (
            {
                "DATABASE_URL": "postgres://app:pw@db/hiu",
                "DATABASE_OWNER_URL": "postgres://boss:pw@db/hiu",
            },
            "app",
        ),
    ],
)
def test_the_application_never_signs_in_as_the_owner(environment, role):
    assert started(**environment).stdout.strip() == role
