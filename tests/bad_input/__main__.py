"""Writes what is said of each file into sentences.toml, for somebody to read: python -m tests.bad_input.

Read the difference before it is committed: a sentence is only right when a person could act on it.
"""

import json
import os
import tempfile
from pathlib import Path

SENTENCES = Path(__file__).with_name("sentences.toml")


def main() -> None:
    """Say of every case what is said of it now."""
    os.environ.setdefault("DATABASE_URL", "postgres://nobody@127.0.0.1/none")
    os.environ.setdefault("REDIS_URL", "redis://127.0.0.1/0")
    os.environ["DJANGO_SETTINGS_MODULE"] = "hiu.settings"
    import django

    django.setup()
    from tests.bad_input import every_case
    from tests.bad_input.door import knock

    lines = ["# What is said of each file that tests/bad_input makes, as it must be, to the letter."]
    with tempfile.TemporaryDirectory() as folder:
        for case in every_case():
            said = [f"  {json.dumps(line, ensure_ascii=False)}," for line in knock(case, Path(folder))]
            lines += ["", f"{json.dumps(case.name)} = [", *said, "]"]
    SENTENCES.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
