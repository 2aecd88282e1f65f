"""Backups that are proven by restoring them, and copies of the database that name nobody."""
