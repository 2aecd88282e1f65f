"""Messages that belong to no service yet, so that no service's own accessor leads to them."""

import datetime

from django.db.models import Exists, QuerySet

from cohorts.models import Arrival, ArrivalState
from governance.models import Service


def parked_since(moment: datetime.datetime, *, seen_by: Service) -> QuerySet[Arrival]:
    """Messages that are parked; why is a sentence with a workflow and a mailbox, and nothing of their content.

    None for a service whose files do not come by MESH.
    """
    uses_mesh = seen_by.source_plans.exclude(mesh_workflow="")
    return Arrival.objects.filter(Exists(uses_mesh), state=ArrivalState.PARKED, arrived_at__gte=moment)
