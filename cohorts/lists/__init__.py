"""From a rule to a list: who is on it, why, and who of them can be taken on."""
