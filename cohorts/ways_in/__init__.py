"""How files come by themselves, when they are due, and what is asked for in return."""
