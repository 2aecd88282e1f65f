"""What a page asks the database, apart from what writing down that somebody looked costs."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

# Begin (a savepoint in tests), lock the head of the chain, add the event, move the head on, commit.
LOOK = 5
_AN_EVENT = 'INSERT INTO "governance_auditevent"'
_OF_THE_AUDIT = (
    "SAVEPOINT",
    "RELEASE SAVEPOINT",
    _AN_EVENT,
    'INSERT INTO "governance_auditchain"',
    'UPDATE "governance_auditchain"',
)


class PageQueries(CaptureQueriesContext):
    """`with PageQueries() as found:` counts both; `found.page` are the page's own, `found.looks` the looks."""

    def __init__(self) -> None:
        super().__init__(connection)

    @property
    def page(self) -> list[str]:
        """Statements of the page, session and sign-in included."""
        return [q["sql"] for q in self if not self._is_audit(q["sql"])]

    @property
    def looks(self) -> int:
        """How many events were written. Each costs LOOK statements, two more for the first of a service."""
        return sum(1 for q in self if q["sql"].startswith(_AN_EVENT))

    @staticmethod
    def _is_audit(sql: str) -> bool:
        locks_head = "governance_auditchain" in sql and "FOR UPDATE" in sql
        return locks_head or sql.startswith(_OF_THE_AUDIT)
