"""Until when what was stored counts as known to a report."""

from __future__ import annotations

import datetime

ONE_SECOND = datetime.timedelta(seconds=1)


def known_at(frozen_at: datetime.datetime) -> datetime.datetime:
    """The moment before which a row must have been stored to be in a copy frozen at `frozen_at`.

    Whole seconds are kept of it, so what was stored within that second was there. Compare with `<`.
    """
    return frozen_at + ONE_SECOND
