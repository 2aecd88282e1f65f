"""What was known at a moment, of rows that later entries change where they stand."""
