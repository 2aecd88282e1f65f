"""How templates of casework write numbers."""

from django import template

from casework.allocation.load import number

register = template.Library()


@register.filter
def points(value: float) -> str:
    """Points without a needless decimal."""
    return number(value)
