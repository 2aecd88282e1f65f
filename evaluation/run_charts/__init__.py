"""Run charts of the NHS kind (XmR): whether something changed from month to month, never why."""
