"""What may happen to a file that came in by itself. Pure: neither queries nor "now"."""

import datetime
import re
from collections.abc import Sequence

_DAY_IN_NAME = re.compile(r"(?<!\d)(20\d\d)-?([01]\d)-?([0-3]\d)(?!\d)")


def day_in_name(name: str) -> datetime.date | None:
    """The day a file's name gives, as 2026-06-30 or 20260630: what a list of people is counted up to."""
    for year, month, day in _DAY_IN_NAME.findall(name):
        try:
            return datetime.date(int(year), int(month), int(day))
        except ValueError:
            continue
    return None


def why_look(
    *,
    stores_itself: bool,
    most_rejected: int,
    read: int,
    rejected: int,
    kept: int,
    unmatched: int,
    held_before: bool,
    answers: bool,
    header: Sequence[str],
    header_before: Sequence[str] | None,
) -> str:
    """Why a file that came by itself waits for somebody to look at it; empty where it may be stored at once.

    Args:
        answers: whether it seems to answer a data request.
        most_rejected: the share of rejected rows that is let pass, in percent.
        header: its columns; `header_before` those of the last one of the source that came and was stored.
    """
    if not stores_itself:
        return "Files of this source are looked at before they are stored."
    if held_before:
        return "It could not be stored."
    if answers:
        return "It looks like the answer to a data request. Say whether it is."
    if not kept and unmatched:
        return "No row of it that is new has a usable NHS number."
    if not kept:
        return "There is nothing new in it."
    if rejected * 100 > most_rejected * read:
        return f"{rejected:,} of {read:,} rows are rejected, which is more than {most_rejected}%."
    if header_before is None:
        return "It is the first file that came this way. Once it is stored, the next one stores itself."
    if list(header) != list(header_before):
        return "Its columns are not those of the file before."
    return ""
