"""Did it help? The estimators, pure: two tables in, plain numbers out, no web framework and no database."""
