"""What governance says to the apps below it, or asks of them, without knowing that they exist."""

from django.dispatch import Signal

# Asked for the day on which the first list of people was built, with `service`; listeners return a date or None.
first_list_day = Signal()

# Asked for the loads that can be shown as evidence, with `service`; listeners return [(id, words), ...].
loads_to_show = Signal()

# Sent inside the transaction of the decision, with `consent`: the no, or the taking back, that ended a yes.
consent_ended = Signal()

# Asked how many open cases somebody carries, with `service` and `user`; listeners return a number.
cases_carried = Signal()
