"""Pure rules about people and permission to use data. No queries, no clock."""

import calendar
import datetime
from dataclasses import dataclass
from enum import StrEnum

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


class Reader(StrEnum):
    """Who reads what stands in the way of an agreement: each is told what they can do themselves."""

    # Whose file was refused just now; whoever is about to hand one in; whoever looks after agreements.
    REFUSED = "refused"
    SENDER = "sender"
    IG_LEAD = "ig_lead"


def agreement_problem(
    on: datetime.date,
    *,
    valid_from: datetime.date,
    valid_to: datetime.date | None,
    title: str,
    is_draft: bool = False,
    suspended_on: datetime.date | None = None,
    suspended_why: str = "",
    reader: Reader = Reader.REFUSED,
) -> str | None:
    """Why an agreement cannot be relied on that day, in a sentence; None when it can."""
    refused = " Nothing was stored." if reader == Reader.REFUSED else ""
    is_ours = reader == Reader.IG_LEAD
    if is_draft:
        what = f'The agreement "{title}" is a draft: both parties have to sign it first.{refused}'
        ask = "Ask the IG lead to record the signatures, then load the file."
        return f"{what} {'Record the signatures when they have.' if is_ours else ask}"
    if suspended_on is not None:
        why = suspended_why.rstrip(".")
        what = f'The agreement "{title}" has been suspended since {suspended_on:%-d %B %Y}: {why}.{refused}'
        ask = "Ask the IG lead when it will be lifted."
        return f"{what} {'Lift the suspension when loads may go on.' if is_ours else ask}"
    if on < valid_from:
        what = f'The agreement "{title}" starts on {valid_from:%-d %B %Y}.{refused}'
        ask = "Load this file on or after that day."
        return f"{what} {'Loads start on that day.' if is_ours else ask}"
    if valid_to is not None and on > valid_to:
        what = f'The agreement "{title}" ended on {valid_to:%-d %B %Y}.{refused}'
        ask = "Ask the IG lead to renew it, then load the file."
        return f"{what} {'Renew it, or loads stay stopped.' if is_ours else ask}"
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

    def in_words(self, today: datetime.date) -> str:
        """ "until 30 June 2026", or the first day without access: what ended today did not end yesterday."""
        if self.on >= today:
            return f"until {self.on:%-d %B %Y} ({self.because})"
        since = f"no access since {self.on + datetime.timedelta(days=1):%-d %B %Y}"
        return since if self.because == LAST_DAY else f"{since} ({self.because})"


LAST_DAY = "last day of access"
WHAT_TO_DO = {
    "training": "Renew your data security training and give the new date to your service manager.",
    "contract": "If your contract goes on, give the new date to your service manager.",
    LAST_DAY: "If you still need it after that, ask your service manager.",
}


def last_day_of_access(
    *,
    ends_on: datetime.date | None,
    contract_ends_on: datetime.date | None,
    training_valid_to: datetime.date | None,
) -> AccessEnds | None:
    """The earliest of the days on which access ends by itself; None when there is none."""
    days = {LAST_DAY: ends_on, "contract": contract_ends_on, "training": training_valid_to}
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


# Long enough to write a renewal and have both parties sign it.
ENDS_SOON_DAYS = 60


def agreement_warnings(
    on: datetime.date,
    *,
    title: str,
    is_signed: bool,
    review_on: datetime.date | None,
    valid_to: datetime.date | None,
    reader: Reader = Reader.REFUSED,
) -> list[str]:
    """What somebody should see to, in sentences, while loads go through; see `agreement_problem` for what stops them."""
    ask = "" if reader == Reader.IG_LEAD else "ask the IG lead to "
    warnings = []
    if not is_signed:
        warnings.append(
            f'Nobody has signed the agreement "{title}". Loads go through; {ask}check it and '
            "record the signatures."
        )
    if review_on is not None and on >= review_on:
        warnings.append(
            f'The agreement "{title}" was due for review on {review_on:%-d %B %Y}. Loads go through; '
            f"{ask}review it."
        )
    if valid_to is not None and on <= valid_to <= on + datetime.timedelta(days=ENDS_SOON_DAYS):
        warnings.append(
            f'The agreement "{title}" ends on {valid_to:%-d %B %Y}. Renew it before then, or loads will stop.'
        )
    return warnings


def reach_in_words(
    *,
    operator: str,
    threshold: int | None,
    months: int | None,
    recent_months: int | None,
    top_n: int | None,
) -> str:
    """Which people an agreement lets a sender send, as a sentence."""
    clauses = []
    if threshold is not None and months is not None:
        more = "more than" if operator == ">" else "at least"
        times = "time" if threshold == 1 else "times"
        clauses.append(f"attended {more} {threshold} {times} {_within(months)}")
    if recent_months is not None:
        clauses.append(f"attended {_within(recent_months)}")
    who = f"People who {' and '.join(clauses)}" if clauses else "Everyone who attended"
    return f"{who}, at most {top_n:,} people in each extract" if top_n is not None else who


def _within(months: int) -> str:
    return "in the last month" if months == 1 else f"in the last {months} months"


# Days between what one file reaches and what the next one does. Each is a little shorter than its name:
# the last attendance in a file need not fall on the last day of its quarter.
RHYTHM_DAYS = {"daily": 1, "weekly": 5, "monthly": 25, "quarterly": 80}


def sooner_than_agreed(frequency: str, *, last: datetime.date | None, this: datetime.date | None) -> bool:
    """Whether a file comes before its time: `last` and `this` are the last days that two files reach.

    A file that reaches no further than one before it corrects that one, and comes when it is needed.
    """
    if last is None or this is None or this <= last:
        return False
    rhythm = RHYTHM_DAYS.get(frequency)
    return rhythm is None or (this - last).days < rhythm


def days_before(day: datetime.date, number: int) -> datetime.date:
    """The day `number` days earlier."""
    return day - datetime.timedelta(days=number)


def years_before(day: datetime.date, number: int) -> datetime.date:
    """The same day `number` years earlier; 28 February where that year has no 29th."""
    try:
        return day.replace(year=day.year - number)
    except ValueError:
        return day.replace(year=day.year - number, day=28)


def months_after(day: datetime.date, number: int) -> datetime.date:
    """The same day of the month `number` months later; the month's last day where it has no such day.

    So counts the time to answer a request about one's own data: ICO, "Right of access", time limits.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def check_extension(due_on: datetime.date, to: datetime.date, *, latest: datetime.date) -> None:
    """Raises RuleBroken when a request may not be answered as late as `to` (UK GDPR, article 12(3))."""
    if to <= due_on:
        raise RuleBroken(f"Enter a day after {due_on:%-d %B %Y}, when it is due anyway.")
    if to > latest:
        raise RuleBroken(f"Two more months are the most: enter {latest:%-d %B %Y} or an earlier day.")
