"""What the read models mean: pure functions from events and lines to what is shown."""
