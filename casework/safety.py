"""What keeps workers and clients safe at a visit. Pure: no queries, no clock."""

import datetime
from collections.abc import Iterable

from governance.rules import RuleBroken

# The risk form before a first visit: what is asked, and of what it is about.
AREAS: dict[str, tuple[str, str]] = {
    "mobility": ("Mobility", "Falls, stairs, the way in, somebody who cannot come to the door."),
    "communication": ("Communication", "Hearing, language, reading, how they take in what is said."),
    "to_self": ("Risk to themselves", "Harming themselves, neglect, fire, medicines."),
    "to_staff": ("Risk to staff", "Weapons, dogs, threats, who else lives there."),
    "from_others": ("Risk from others", "Abuse, exploitation, people who come and go."),
}
NOTHING_KNOWN = "none"
NOT_KNOWN = "unknown"
PAIR, NO_VISIT = "pair", "no_visit"
HOME = "home"
LONGEST_VISIT = datetime.timedelta(hours=12)
FARTHEST_PLAN = datetime.timedelta(days=366)


def check_visit(
    levels: Iterable[str], *, place: str, is_pair: bool, asks_two: bool = False, first_in_pairs: bool = False
) -> None:
    """Raise RuleBroken unless a visit may be planned or begun under the risks that stand.

    `asks_two`: the client's needs say that two always visit. `first_in_pairs`: nobody has visited them at home,
    and the service makes first visits at home in pairs. What has happened is another matter: a contact is always
    written down.
    """
    standing = set(levels)
    if NO_VISIT in standing and place == HOME:
        raise RuleBroken(
            "“No home visits” stands for this client. Meet somewhere else, or review the risk first."
        )
    if PAIR in standing and not is_pair:
        raise RuleBroken("“Visit in pairs” stands for this client. Say who goes with you.")
    if asks_two and not is_pair:
        raise RuleBroken("The needs of this client say “Always visit in twos”. Say who goes with you.")
    if first_in_pairs and place == HOME and not is_pair:
        raise RuleBroken("First visits at home are made by two here. Say who goes with you.")


def check_times(
    starts_at: datetime.datetime, due_back_at: datetime.datetime, *, now: datetime.datetime
) -> None:
    """Raise RuleBroken unless somebody can be in a visit from then to then. All times are aware."""
    if due_back_at <= starts_at:
        raise RuleBroken("You are back after you went in. Enter a later time.")
    if due_back_at <= now:
        raise RuleBroken(f"{due_back_at:%H:%M} has passed. Enter when you will be back.")
    if due_back_at - starts_at > LONGEST_VISIT:
        raise RuleBroken("A visit is over within 12 hours. Enter an earlier time.")
    if starts_at - now > FARTHEST_PLAN:
        raise RuleBroken("Choose a day within a year.")


def is_overdue(due_back_at: datetime.datetime, *, now: datetime.datetime) -> bool:
    """Whether somebody who has not come out should be rung."""
    return now > due_back_at
