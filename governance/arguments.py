"""What commands make of the arguments they are called with: a wrong one ends with exit 2 and a sentence."""

import argparse
import datetime
from collections.abc import Callable

from governance.rules import RuleBroken


def checked(read: Callable[[str], object]) -> Callable[[str], str]:
    """A parser's `type` that keeps the text and lets `read` look at it, which raises RuleBroken with a sentence.

    The text is kept because call_command hands options over as they are, past the parser's types.
    """

    def look_at(text: str) -> str:
        try:
            read(text)
        except RuleBroken as problem:
            raise argparse.ArgumentTypeError(str(problem)) from None
        return text

    return look_at


def day(text: str) -> datetime.date:
    """A date as commands take it. Raises RuleBroken with a sentence."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise RuleBroken(f'"{text}" is not a date. Write it as year, month, day: 2026-06-30.') from None
