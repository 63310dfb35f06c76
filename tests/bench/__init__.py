"""Measurements beside plain Pelican and plain Isso in the same run. They print a table and fail nothing."""
