"""Who is who: names as they are heard and typed, and whether two descriptions are of one person. Pure."""
