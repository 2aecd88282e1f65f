"""What a difference is worth in pounds and hours, and what it is not. Pure: no Django, no queries, no clock."""
