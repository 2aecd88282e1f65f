"""How casework says days and contacts. Pure: no queries, no clock."""

import datetime


def ago(day: datetime.date, *, today: datetime.date) -> str:
    """How long ago a day was, as people say it: today, yesterday, 3 days ago, 5 weeks ago."""
    days = (today - day).days
    if days < 0:
        return coming(day, today=today)
    if days < 2:
        return ("today", "yesterday")[days]
    if days < 21:
        return f"{days} days ago"
    return f"{days // 7} weeks ago" if days < 365 else f"on {written(day, today=today)}"


def coming(day: datetime.date, *, today: datetime.date) -> str:
    """When a day is, as people say it: today, tomorrow, on Friday 27 November."""
    days = (day - today).days
    if days < 0:
        return ago(day, today=today)
    return ("today", "tomorrow")[days] if days < 2 else f"on {written(day, today=today)}"


def written(day: datetime.date, *, today: datetime.date) -> str:
    """A day with its weekday; the year only where it is not this one."""
    return f"{day:%A %-d %B}" if day.year == today.year else f"{day:%A %-d %B %Y}"


def due(day: datetime.date, *, today: datetime.date) -> str:
    """When something was or is due."""
    return f"Due {coming(day, today=today)}" if day >= today else f"Was due {ago(day, today=today)}"


def contact(kind: str, outcome: str) -> str:
    """A contact in a line, from its two labels: Phone call, no answer."""
    return f"{kind}, {outcome[:1].lower()}{outcome[1:]}"


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: 1 case, 2 cases."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def dialled(phone: str) -> str:
    """What a phone dials for a number as it was supplied; empty where it is no number to ring."""
    digits = "".join(letter for letter in phone if letter.isascii() and letter.isdigit())
    if not 9 <= len(digits) <= 15:
        return ""
    return f"+{digits}" if phone.strip().startswith("+") else digits


def whole_number(text: str, *, digits: int = 9) -> int:
    """A number from an address or a button; 0 for anything else, so that nothing asked for raises."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else 0
