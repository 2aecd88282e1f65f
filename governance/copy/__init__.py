"""A copy of everything held on one person, for that person: gathered, then written as page, JSON or tables."""
