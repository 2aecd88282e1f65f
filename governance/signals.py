"""What governance asks of the apps below it, without knowing that they exist."""

from django.dispatch import Signal

# Asked for the day on which the first list of people was built, with `service`; listeners return a date or None.
first_list_day = Signal()

# Asked for the loads that can be shown as evidence, with `service`; listeners return [(id, words), ...].
loads_to_show = Signal()
