"""News that travels down: casework listens, governance does not know that casework exists."""

from django.dispatch import Signal

# Sent inside the transaction of the decision, with `consent`: the no, or the taking back, that ended a yes.
consent_ended = Signal()
