"""Text that a spreadsheet could take for a formula, made harmless."""

from __future__ import annotations

import unicodedata

STARTS_A_FORMULA = ("=", "+", "-", "@", "|", "%")
QUOTE = "'"


def inert(words: str) -> str:
    """The words, with a quote mark before them when a spreadsheet might run them.

    White space and invisible marks before the sign, and full-width signs, count as well.
    """
    seen = unicodedata.normalize("NFKC", words)
    visible = seen.lstrip().lstrip("\ufeff\u200b\u200c\u200d\u2060\u00ad\u200e\u200f").lstrip()
    if visible.startswith(STARTS_A_FORMULA) or words[:1] in ("\t", "\r", "\n"):
        return QUOTE + words
    return words
