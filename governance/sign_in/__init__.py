"""Who is at the other end of a session: its second factor, its age, and the tries it took to get in."""
