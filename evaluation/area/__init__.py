"""The area profile: who is on a list, as a group, by where they live and how they arrive."""
