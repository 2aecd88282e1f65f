"""Form fields that people fill in the NHS.UK way."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dates import MONTHS

PARTS = ("day", "month", "year")


class NHSDateWidget(forms.MultiWidget):
    """Three text boxes for day, month and year, named `<field>_day` and so on."""

    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        boxes: dict[str, forms.Widget | type[forms.Widget]] = {
            part: forms.TextInput(attrs={"inputmode": "numeric"}) for part in PARTS
        }
        super().__init__(widgets=boxes, attrs=attrs)

    def decompress(self, value: Any) -> list[Any]:
        """Split a date, or an ISO date as text, into its three parts."""
        if isinstance(value, str):
            try:
                value = datetime.date.fromisoformat(value)
            except ValueError:
                return [value, None, None]
        return [value.day, value.month, value.year] if value else [None, None, None]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        field_id = context["widget"]["attrs"].get("id")
        for box, part in zip(context["widget"]["subwidgets"], PARTS, strict=True):
            if field_id:
                box["attrs"]["id"] = f"{field_id}_{part}"
        return context


class DateInputField(forms.DateField):
    """A date typed as day, month and year; each thing wrong with it has a sentence of its own."""

    widget = NHSDateWidget

    def to_python(self, value: Any) -> datetime.date | None:
        """A date, or None where all three boxes are empty. Raises ValidationError in words."""
        if not isinstance(value, list | tuple):
            return super().to_python(value)
        typed = dict(zip(PARTS, (str(part or "").strip() for part in value), strict=True))
        if not any(typed.values()):
            return None
        self._check_nothing_is_missing(typed)
        return self._date(typed)

    def _check_nothing_is_missing(self, typed: Mapping[str, str]) -> None:
        missing = [part for part in PARTS if not typed[part]]
        if missing:
            wanted = " and ".join(f"a {part}" for part in missing)
            raise ValidationError(f"{self._subject()} must include {wanted}", code=missing[0])

    def _date(self, typed: Mapping[str, str]) -> datetime.date:
        day = self._number(typed, "day", 1, 31)
        month = self._month(typed)
        if not (typed["year"].isascii() and typed["year"].isdigit() and len(typed["year"]) == 4):
            raise ValidationError(
                f"{self._subject()}: write the year with four digits, such as 2026", code="year"
            )
        try:
            return datetime.date(int(typed["year"]), month, day)
        except ValueError:
            raise ValidationError(
                f"{day} {MONTHS.get(month)} {typed['year']} is not a date. Check the day and the month",
                code="not_a_date",
            ) from None

    def _month(self, typed: Mapping[str, str]) -> int:
        """The month as a number; its English name or the first three letters will do as well."""
        text = typed["month"].lower()
        for number, name in MONTHS.items():
            if text in (str(name).lower(), str(name).lower()[:3]):
                return number
        return self._number(typed, "month", 1, 12)

    def _number(self, typed: Mapping[str, str], part: str, lowest: int, highest: int) -> int:
        text = typed[part]
        if not (text.isascii() and text.isdigit() and len(text) <= 2 and lowest <= int(text) <= highest):
            raise ValidationError(
                f"{self._subject()}: the {part} must be a number from {lowest} to {highest}", code=part
            )
        return int(text)

    def _subject(self) -> str:
        """What the sentence is about: the label, unless that is a question."""
        label = str(self.label or "")
        return "The date" if not label or label.endswith("?") else label


class RadiosWithHints(forms.RadioSelect):
    """Radio buttons with a hint under some choices: `hints` maps a choice's value to its sentence."""

    def __init__(self, *args: Any, hints: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hints = hints or {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        hint = self.hints.get(str(value))
        if hint:
            option["hint"] = hint
            if "id" in option["attrs"]:
                option["attrs"]["aria-describedby"] = f"{option['attrs']['id']}_hint"
        return option


def date_parts_in_error(codes: Sequence[str | None]) -> tuple[str, ...]:
    """Which boxes of a date to mark, from the codes of its errors: the one named, or all three."""
    named = tuple(part for part in PARTS if part in codes)
    return named or (PARTS if codes else ())


class MomentField(forms.Field):
    """A day and time in one control of the browser's own, read as London time.

    Of the hour that happens twice in autumn the first is meant: a clock that counts from it then starts
    too early rather than too late.
    """

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    default_error_messages = {"invalid": "Enter a day and a time, such as 2026-03-02 14:30."}

    def prepare_value(self, value: Any) -> Any:
        """A moment as the local time that the control shows; what was typed stays as it is."""
        return timezone.localtime(value) if isinstance(value, datetime.datetime) else value

    def to_python(self, value: Any) -> datetime.datetime | None:
        """An aware moment, or None where nothing was entered. Raises ValidationError in words."""
        text = str(value or "").strip()
        if not text:
            return None
        try:
            moment = datetime.datetime.fromisoformat(text)
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=timezone.get_current_timezone())
