"""What a phone keeps while it has no network: sealed contacts, and the codes they name cases by (ADR 21)."""
