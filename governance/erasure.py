"""Deleting rows for good, in the order their keys allow. Only retention does this."""

from collections import Counter
from collections.abc import Collection, Sequence

from django.db import connection
from django.db.models import QuerySet

from governance import holdings, merging
from governance.holdings import Model
from governance.models import Person
from governance.models.insert_only import InsertOnlyModel


def erase(root: Model, ids: Sequence[int], *, but: Collection[Model] = ()) -> Counter[str]:
    """Delete rows of `root` and every row that hangs on them; returns how many went of each model.

    Args:
        but: models whose rows stay, with whatever they point at.

    Records that were merged into a person go with them. One statement for each model. Call it in a transaction, inside the scope of the service.
    """
    gone: Counter[str] = Counter()
    if ids:
        ids = [*ids, *merging.merged_into(ids)] if root is Person else ids
        for model in holdings.children_first(root):
            if model not in but:
                gone[model._meta.label] = _delete(holdings.rows(model, ids, root))
    return +gone


def _delete(rows: QuerySet) -> int:
    """Rows of history can only be deleted by the owner's function, which checks whose they are."""
    sql, params = rows.order_by().values_list("pk").query.sql_with_params()
    table, key = rows.model._meta.db_table, rows.model._meta.pk.column
    with connection.cursor() as cursor:
        if issubclass(rows.model, InsertOnlyModel):
            cursor.execute(
                f"SELECT governance_erase(%s, ARRAY(SELECT found.id::text FROM ({sql}) found (id)))",  # noqa: S608
                [table, *params],
            )
            return int(cursor.fetchone()[0])
        cursor.execute(f'DELETE FROM "{table}" WHERE "{key}" IN ({sql})', params)  # noqa: S608
        return int(cursor.rowcount)
