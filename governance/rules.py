"""Pure rules about people and permission to use data. No queries, no clock."""

import datetime
from dataclasses import dataclass

# How many days before access ends the member is told of it.
TELL_DAYS_BEFORE = 30
# How many days a request for a new second factor may wait for somebody's answer.
RESET_DAYS = 7


class RuleBroken(Exception):
    """Raised with a sentence that a page can show: what is wrong and what to do."""


def age_on(
    day: datetime.date,
    *,
    birth_date: datetime.date | None,
    stated_age: int | None = None,
    stated_age_on: datetime.date | None = None,
) -> int | None:
    """Age in whole years on `day`; None when unknown, which is not the same as zero.

    A stated age moves on by the whole years since the day it was true, so it is at most one year low; a
    few days before that day it is the same.
    """
    if birth_date is not None:
        return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
    if stated_age is None or stated_age_on is None:
        return None
    return stated_age + int((day - stated_age_on).days / 365)


def format_nhs_number(nhs_number: str) -> str:
    """Ten digits as people read them: 3-3-4 (NHS Data Model and Dictionary)."""
    return f"{nhs_number[:3]} {nhs_number[3:6]} {nhs_number[6:]}"


def agreement_problem(
    on: datetime.date, *, valid_from: datetime.date, valid_to: datetime.date | None, title: str
) -> str | None:
    """Why an agreement cannot be relied on that day, in a sentence; None when it can."""
    if on < valid_from:
        return (
            f'The agreement "{title}" starts on {valid_from:%-d %B %Y}. Load this file on or after that day.'
        )
    if valid_to is not None and on > valid_to:
        return (
            f'The agreement "{title}" ended on {valid_to:%-d %B %Y}. Nothing was stored. '
            "Renew the agreement, then load the file again."
        )
    return None


@dataclass(frozen=True)
class AccessEnds:
    """The last day of somebody's access and what ends it, as a word and as a sentence to the member."""

    on: datetime.date
    because: str
    what_to_do: str

    def soon(self, today: datetime.date) -> bool:
        """Whether the member should hear of it by now."""
        return self.on <= today + datetime.timedelta(days=TELL_DAYS_BEFORE)


WHAT_TO_DO = {
    "training": "Renew your data security training and give the new date to your service manager.",
    "contract": "If your contract goes on, give the new date to your service manager.",
    "last day of access": "If you still need it after that, ask your service manager.",
}


def last_day_of_access(
    *,
    ends_on: datetime.date | None,
    contract_ends_on: datetime.date | None,
    training_valid_to: datetime.date | None,
) -> AccessEnds | None:
    """The earliest of the days on which access ends by itself; None when there is none."""
    days = {"last day of access": ends_on, "contract": contract_ends_on, "training": training_valid_to}
    known = [(day, because) for because, day in days.items() if day is not None]
    if not known:
        return None
    day, because = min(known, key=lambda one: one[0])
    return AccessEnds(day, because, WHAT_TO_DO[because])


def reset_problem(
    *, decides: int, asked: int, whose: int, asked_on: datetime.date, today: datetime.date, approve: bool
) -> str | None:
    """Why this person may not answer a request for a new second factor, in a sentence; None if they may.

    The three are ids of accounts: who answers, who asked, and whose factor it is.
    """
    if decides == whose:
        return "You cannot answer a request about your own account. Ask another administrator."
    if decides == asked:
        return "You asked for this yourself. A second person must answer it."
    if approve and today > asked_on + datetime.timedelta(days=RESET_DAYS):
        return f"This request is older than {RESET_DAYS} days. Decline it; the person can ask again."
    return None


# What a browser calls itself, from the most telling to the least; each also carries words of those below.
BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "a Mac"),
    ("Linux", "Linux"),
)


def device_in_words(user_agent: str) -> str:
    """ "Chrome on Android": enough for people to know their own devices again, and no more."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "A browser")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser
