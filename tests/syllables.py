"""What invented names are made of, for searches and for their benchmark."""

ONSETS = [
    "b",
    "br",
    "c",
    "ch",
    "d",
    "dr",
    "f",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "sh",
    "st",
    "t",
    "th",
    "tr",
    "v",
    "w",
]
VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ee", "oo", "ou"]
ENDS = ["n", "r", "l", "s", "t", "d", "m", "ck", "nt", "rd", "son", "ley", "ton", "well", "ford", "man"]
