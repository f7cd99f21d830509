"""The command line: what a person, a script or a pipeline types."""
