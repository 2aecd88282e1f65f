"""Pages of long lists."""

from typing import Any

from django.core.paginator import Paginator


class KnownPaginator(Paginator):
    """A paginator that is told how many there are, instead of asking the database again."""

    def __init__(self, rows: Any, per_page: int, count: int) -> None:
        super().__init__(rows, per_page)
        self.count = count
