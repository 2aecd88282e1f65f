"""The clinical safety file: hazards as data, each control with the tests or documents that show it."""
