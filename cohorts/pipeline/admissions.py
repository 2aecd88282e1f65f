"""Which admissions are emergencies: by the admission method of the NHS Data Dictionary, and by nothing else.

Where somebody went after an A&E attendance says nothing of how they were admitted.
"""

# A&E, GP, bed bureau, consultant clinic, other ways; 2A to 2D took the place of 28 in part.
EMERGENCY = frozenset({"21", "22", "23", "24", "25", "28", "2a", "2b", "2c", "2d"})
PLANNED = frozenset({"11", "12", "13"})
OTHER = frozenset({"31", "32", "81", "82", "83", "84", "89"})
NOT_KNOWN = frozenset({"98", "99"})
