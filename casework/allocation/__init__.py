"""The weighing of caseloads. Pure: no Django, no queries."""
