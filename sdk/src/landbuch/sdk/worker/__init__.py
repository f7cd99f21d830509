"""The command worker: one per service and book, which decides what waits and stores it in one guarded append."""
