"""Times of day as spreadsheets write them, made into times as people write them."""

import re
from collections.abc import Iterable

_FRACTION = re.compile(r"0?\.\d+")
_WITH_DATE = re.compile(r"\d{4}-\d\d-\d\d[ T](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?")
_WHOLE_NUMBER = re.compile(r"(\d{1,4})\.0+")


def plain_times(values: Iterable[str], *, fractions: bool) -> list[str]:
    """Each text as a clock time where it is one in disguise; others stay as they are.

    Args:
        fractions: whether 0.5 is noon, as spreadsheets keep times.
    """
    return [_plain(value, fractions) for value in values]


def _plain(text: str, fractions: bool) -> str:
    if found := _WITH_DATE.fullmatch(text):
        return found[1]
    if found := _WHOLE_NUMBER.fullmatch(text):
        text = found[1]
    if fractions and _FRACTION.fullmatch(text):
        seconds = min(round(float(text) * 86400), 86399)
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return text
