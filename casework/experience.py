"""How people find the service: the question, its answers, and who is asked. Pure: no queries, no clock.

The question and its answers are those of the NHS Friends and Family Test as it has been since 1 April 2020 (guidance of
NHS England). It counts "very good" and "good" as a good experience, out of all answers, those of people who do not
know among them. The free question is ours.
"""

from enum import StrEnum

SOURCE = "NHS England, the Friends and Family Test as it has been since 1 April 2020"
QUESTION = "Overall, how was your experience of our service?"
LONGEST_WORDS = 600


class Rating(StrEnum):
    """The answers, in the order of the test."""

    VERY_GOOD = "very_good"
    GOOD = "good"
    NEITHER = "neither"
    POOR = "poor"
    VERY_POOR = "very_poor"
    DONT_KNOW = "dont_know"


RATING_LABELS = {
    Rating.VERY_GOOD: "Very good",
    Rating.GOOD: "Good",
    Rating.NEITHER: "Neither good nor poor",
    Rating.POOR: "Poor",
    Rating.VERY_POOR: "Very poor",
    Rating.DONT_KNOW: "Don't know",
}
# As the test itself counts them.
GOOD_RATINGS = frozenset({Rating.VERY_GOOD, Rating.GOOD})


class Who(StrEnum):
    """Whose experience it is."""

    PERSON = "person"
    CARER = "carer"
    PARTNER = "partner"
    STAKEHOLDER = "stakeholder"


WHO_LABELS = {
    Who.PERSON: "Person we support",
    Who.CARER: "Carer or family",
    Who.PARTNER: "Staff of a partner",
    Who.STAKEHOLDER: "Somebody else with an interest in the service",
}
# Whose answers can be kept with a case.
OF_A_CASE = (Who.PERSON, Who.CARER)


class Way(StrEnum):
    """In which way they were asked."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    MESSAGE = "message"
    PAPER = "paper"
    ONLINE = "online"


WAY_LABELS = {
    Way.IN_PERSON: "In person",
    Way.PHONE: "On the phone",
    Way.MESSAGE: "By text or email",
    Way.PAPER: "On paper",
    Way.ONLINE: "By a form on the web",
}


class Ruling(StrEnum):
    """What somebody decided about an answer. The newest ruling stands."""

    MAY_BE_QUOTED = "may_be_quoted"
    NOT_QUOTED = "not_quoted"
    MISTAKE = "mistake"


RULING_LABELS = {
    Ruling.MAY_BE_QUOTED: "May be quoted",
    Ruling.NOT_QUOTED: "Not to be quoted",
    Ruling.MISTAKE: "Entered by mistake",
}


def why_not_quoted(*, words: str, may_quote: bool, is_own: bool) -> str:
    """Why words cannot be cleared for quoting, in a sentence; empty when they can.

    `is_own`: whoever would clear them wrote them down.
    """
    if not words.strip():
        return "There are no words to quote in this answer."
    if not may_quote:
        return "They did not agree that their words are quoted."
    if is_own:
        return "You wrote these words down. Ask somebody else to read them before they are quoted."
    return ""
