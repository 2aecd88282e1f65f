"""How far the work on an extract is."""

import time
from collections.abc import Callable

from cohorts.models import Extract

EVERY_SECONDS = 0.5


class Teller:
    """Writes down the share of a job that is done, at most twice a second.

    Args:
        before: called before each write, for a session that is in the middle of something.
        span: the percents that the job's beginning and end stand for.
    """

    def __init__(
        self, extract: Extract, label: str, *, before: Callable[[], None] = lambda: None,
        span: tuple[int, int] = (0, 99),
    ) -> None:  # fmt: skip
        self._extract = extract
        self._label = label
        self._before = before
        self._span = span
        self._told = time.monotonic()

    def __call__(self, fraction: float) -> None:
        """Tell that this share, from 0 to 1, is done."""
        if time.monotonic() - self._told < EVERY_SECONDS:
            return
        self._told = time.monotonic()
        self._before()
        first, last = self._span
        percent = first + int((last - first) * min(1.0, fraction))
        Extract.objects.filter(pk=self._extract.pk).update(progress=percent, stage_label=self._label)
