"""The PostgreSQL and the Valkey that come with the checkout, for running without Docker."""
