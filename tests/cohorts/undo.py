"""What a service holds, as one hash: equal before a load and after its undo."""

import hashlib

from django.db import connection

TABLES = [
    "governance_person",
    "cohorts_activity",
    "cohorts_activitycount",
    "cohorts_source",
    "cohorts_cohortlist",
    "cohorts_candidate",
    "cohorts_screening",
    "cohorts_replacedrow",
    "casework_case",
]


def business_hash() -> str:
    """SHA-256 over every row of the tables that loads and lists write."""
    found = hashlib.sha256()
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT row::text FROM {table} row ORDER BY row::text")
            for (line,) in cursor.fetchall():
                found.update(f"{table}|{line}\n".encode())
    return found.hexdigest()
