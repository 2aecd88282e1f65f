"""What the retention schedule says of reports and area profiles."""

from governance.retention import RecordClass, register

register(
    RecordClass(
        key="reports",
        title="Frozen reports and area profiles",
        what="Figures of a quarter or of a list after disclosure control. No person can be found in them.",
        since="",
        source="Kept: a board must be able to look up what it was told.",
        action="Kept",
    )
)
