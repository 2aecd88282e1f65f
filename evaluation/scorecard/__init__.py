"""What a service is measured by besides attendances: its targets, and how people say they are."""
