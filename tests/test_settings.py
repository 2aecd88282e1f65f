import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def started(
    shown: str = "settings.DATABASES['default']['USER']", **environment: str
) -> subprocess.CompletedProcess[str]:
    """A new interpreter that reads the settings with this environment."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", f"from hiu import settings; print({shown})"],
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
    "environment, demo", [({"DEBUG": "0"}, "False"), ({"DEBUG": "0", "HIU_DEMO": "1"}, "True"), ({}, "True")]
)
def test_without_debug_nothing_is_a_demo_unless_somebody_says_so(environment, demo):
    done = started("settings.DEMO", SECRET_KEY="x" * 50, **environment)
    assert done.stdout.strip() == demo


def test_a_key_left_empty_is_made_from_the_secret_key():
    said = started(
        "[settings.PSEUDONYM_KEY, *settings.MFA_KEYS]", SECRET_KEY="x" * 50, PSEUDONYM_KEY="", MFA_KEY=""
    )
    keys = ast.literal_eval(said.stdout)
    assert len(keys) > 1
    assert all(keys)


def test_a_key_of_its_own_for_second_factors_leaves_those_of_before_readable():
    before = started("settings.MFA_KEYS", SECRET_KEY="x" * 50).stdout
    after = started(
        "settings.MFA_KEYS", SECRET_KEY="y" * 50, SECRET_KEY_FALLBACKS="x" * 50, MFA_KEY="new"
    ).stdout
    assert after.startswith("['new', ")
    assert before.strip("[]\n") in after


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
