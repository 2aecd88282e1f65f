from typing import Any, NoReturn

from django.db import models


class RowIsFinal(Exception):
    """Raised when code tries to edit or delete a row of history; write another row instead."""


class InsertOnlyQuerySet(models.QuerySet):
    """Rows can be added and read; a change of mind is a later row."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise RowIsFinal(f"{self.model.__name__} rows are never edited; add a row instead.")

    def delete(self) -> NoReturn:
        raise RowIsFinal(f"{self.model.__name__} rows are never deleted here; retention does that.")


class InsertOnlyModel(models.Model):
    """Base of every row of history."""

    objects = InsertOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None and not self._state.adding:
            raise RowIsFinal(f"{type(self).__name__} rows are never edited; add a row instead.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise RowIsFinal(f"{type(self).__name__} rows are never deleted here; retention does that.")
