"""Files that should not have been sent, each with the exact sentences it gets: sentences.toml says them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.bad_input.door import Case


def every_case() -> "Iterator[Case]":
    """All of them; each file is made when it is asked for."""
    from tests.bad_input import kinds, shapes, values

    for part in (kinds, shapes, values):
        yield from part.cases()
