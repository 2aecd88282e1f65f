"""How lists show numbers and days."""

import datetime

from django import template

from cohorts.models import Benefit
from cohorts.rules import Window, counted

register = template.Library()


@register.filter
def thousands(number: int) -> str:
    """12,345 for 12345."""
    return f"{number:,}"


@register.filter
def events(number: int, measure: str) -> str:
    """A number of a measure with its noun: "1 A&E attendance"."""
    return counted(number, measure)


@register.filter
def days_ago(days: int) -> str:
    """A number of days before today, as people say it."""
    return {0: "today", 1: "yesterday"}.get(days, f"{days:,} days ago")


@register.filter
def within(day: datetime.date, span: Window | None) -> bool:
    """Whether a day lies in a window; never where there is none."""
    return span is not None and span.first <= day <= span.last


@register.filter
def benefit(value: int) -> str:
    """What the lead said of how likely support is to help, in words."""
    return str(Benefit(value).label)
