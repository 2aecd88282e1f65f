"""Short codes for cases, to be typed where no list of names may be kept. Pure: no queries."""

# Without I, O and U, which are misread or spell words. 23 is prime, so that one wrong digit, or two that
# changed places, never give a valid code.
LETTERS = "ABCDEFGHJKLMNPQRSTVWXYZ"

TYPED_WRONG = "“{code}” is not a case code. Look at the client's page: it is a number and a letter."


def code_of(number: int) -> str:
    """The code of the case of this number: the number and a letter that checks it, such as 1234R."""
    return f"{number}{LETTERS[number % len(LETTERS)]}"


def number_of(code: str) -> int | None:
    """The number of the case a code names; None where it is no code. Spaces, dashes and small letters are fine."""
    plain = "".join(code.replace("-", "").split()).upper()
    digits = plain[:-1]
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 12):
        return None
    return int(digits) if plain == code_of(int(digits)) else None
