"""Names taken apart into words that can be looked up, however they were typed or heard."""

import re
import unicodedata
from functools import lru_cache
from string import ascii_lowercase

import jellyfish

LONGEST_WORD = 100
# A word of fewer letters has too many neighbours one letter away.
SHORTEST_TO_MEND = 3
PHONE_DIGITS = 10
_FEWEST_PHONE_DIGITS = 9
# Letters that Unicode does not take apart into a letter and a mark.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_JOINED = re.compile("['’‘`´ʼ]")
_PHONE = re.compile(r"[\d\s()+\-.]{9,}")


def words(text: str) -> list[str]:
    """The words of a name in small letters without accents: "O'Brien-Łoś" is obrien, los."""
    plain = unicodedata.normalize("NFKD", _JOINED.sub("", text.casefold())).translate(_LETTERS)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    parted = "".join(letter if letter.isalnum() else " " for letter in plain)
    return [word[:LONGEST_WORD] for word in parted.split()]


@lru_cache(maxsize=2048)
def sound(word: str) -> str:
    """How an English reader says the word (Metaphone); empty where that cannot be said."""
    return str(jellyfish.metaphone(word))[:LONGEST_WORD] if word.isascii() and word.isalpha() else ""


def edits(word: str) -> set[str]:
    """Every word that is one slip away: a letter dropped, doubled, added, mistaken, or two exchanged."""
    if len(word) < SHORTEST_TO_MEND:
        return set()
    parts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    found = {before + after[1:] for before, after in parts if after}
    found |= {before + after[1] + after[0] + after[2:] for before, after in parts if len(after) > 1}
    for letter in ascii_lowercase:
        found |= {before + letter + after for before, after in parts}
        found |= {before + letter + after[1:] for before, after in parts if after}
    return found - {word}


def digits(text: str) -> str:
    """A number without the spaces, dashes and dots between its digits; empty where anything else stands in it."""
    bare = re.sub(r"[\s.\-\u2010-\u2015]", "", text)
    return bare if bare.isascii() and bare.isdigit() else ""


def phone(text: str) -> str:
    """A telephone number by its last ten digits, as "+7700900123"; empty where the text is none."""
    found = re.sub(r"\D", "", text)
    return f"+{found[-PHONE_DIGITS:]}" if len(found) >= _FEWEST_PHONE_DIGITS else ""


def is_number(text: str) -> bool:
    """Whether what was typed is a number, with any spaces and signs in it, and no name."""
    return bool(_PHONE.fullmatch(text.strip()))


def likeness(one: str, other: str) -> float:
    """How alike two words are, from 0 to 1: 1 is the same word, and what sounds the same is at least 0.85."""
    if one == other:
        return 1.0
    slips = jellyfish.damerau_levenshtein_distance(one, other)
    looks = max(0.0, 1 - slips / max(len(one), len(other)))
    begins = 0.9 if other.startswith(one) else 0.0
    sounds = 0.85 if sound(one) and sound(one) == sound(other) else 0.0
    return max(looks, begins, sounds and sounds + looks / 10)
