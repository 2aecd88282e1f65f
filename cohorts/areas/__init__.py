"""Areas and how deprived they are: the published files, and where the people of a list live."""
