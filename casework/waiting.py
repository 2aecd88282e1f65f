"""What the Governance page counts of cases: what was shared, and what was taken back again."""

import datetime

from governance.roles import Permission
from governance.waiting import LATELY_DAYS, Kind, offer

offer(
    Kind(
        key="shared",
        section="Shared",
        view="casework:disclosures",
        permission=Permission.VIEW_DISCLOSURES,
        words=(
            f"Nothing was shared in the last {LATELY_DAYS} days",
            f"Shared once in the last {LATELY_DAYS} days",
            f"Shared {{}} times in the last {LATELY_DAYS} days",
        ),
        rows=lambda service, today: service.disclosures.filter(
            made_at__date__gt=today - datetime.timedelta(days=LATELY_DAYS)
        ),
    ),
    Kind(
        key="recalled",
        section="Shared",
        view="casework:disclosures",
        permission=Permission.VIEW_DISCLOSURES,
        words=(
            "nothing waits to be taken back",
            "1 was taken back and not answered yet",
            "{} were taken back and not answered yet",
        ),
        rows=lambda service, today: service.recall_notices.filter(answered_at=None),
    ),
)
