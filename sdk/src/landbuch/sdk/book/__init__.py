"""A book: read it, follow it, append to it. One suite of tests holds for every implementation."""
