"""What went into a frozen report, and whether the same comes out of it again."""
