"""Presets of a test's own."""

from pathlib import Path

TEXT = """
title = "Two rules"
version = {version}
source = "Made for tests"
instrument = "chaos-score"
not_yet = ["Nothing of note."]
[[rules]]
slug = "first"
title = "First"
count = "{first}"
window_months = 12
[[rules]]
slug = "second"
title = "Second"
count = ">=2"
window_months = 3
[[kpis]]
number = "1"
name = "New clients"
target = {target}
unit = ""
"""


def write(folder: Path, *, version: int = 1, first: str = ">5", target: int = 30, name: str = "two") -> None:
    """A preset of two rules and a target, as a file."""
    (folder / f"{name}.toml").write_text(TEXT.format(version=version, first=first, target=target))
