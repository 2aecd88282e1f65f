"""News that travels down: casework listens, cohorts does not know that casework exists."""

from django.dispatch import Signal

# Sent inside the transaction of the screening, with `screening`; a listener that raises undoes it.
candidate_accepted = Signal()

# Asked for the ids of people who have an open case, with `service`; listeners return a set of ids.
people_with_open_case = Signal()

# Asked how many more people the service can carry, with `service`; listeners return a number or None.
places_free = Signal()
