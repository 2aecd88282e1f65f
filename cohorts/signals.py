"""News that travels down: casework listens, cohorts does not know that casework exists."""

from django.dispatch import Signal

# Sent inside the transaction that takes somebody on, with `service`, `person`, `by`, and the `candidate` or the
# `referral` they came by; a listener that raises undoes it.
person_taken_on = Signal()

# Sent inside the transaction that stores an extract, and inside the one that takes it back, with `extract`.
extract_stored = Signal()
extract_undone = Signal()

# Sent inside the transaction in which rows of an extract that was stored before come to people, or are taken
# from them again, with `extract`, `people` (their ids) and `by`.
rows_came_to_people = Signal()
rows_went_from_people = Signal()

# Asked for the ids of people who have an open case, with `service`; listeners return a set of ids.
people_with_open_case = Signal()

# Asked how many more people the service can carry, with `service`; listeners return a number or None.
places_free = Signal()
