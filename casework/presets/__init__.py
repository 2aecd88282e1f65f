"""Presets: what one service works by, as a file that sites can load and be sent newer versions of.

They live in casework, because loading one writes rows of governance and cohorts and an instrument of
casework, and an app may only import from those before it.
"""
