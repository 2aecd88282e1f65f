"""Starts the test servers before Django reads its settings (loaded by `-p` in pyproject.toml)."""

import os

os.environ.setdefault("HIU_VAR", "var/test")
os.environ.setdefault("DEBUG", "0")
os.environ.setdefault("HIU_HTTPS", "0")
os.environ.setdefault("SECRET_KEY", "only-for-tests-0123456789-0123456789-0123456789-0123456789")

from hiu import embedded

embedded.environment()
