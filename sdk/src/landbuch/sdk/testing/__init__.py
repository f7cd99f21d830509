"""What tests of Landbuch and of its services stand on: events, and books that fail on request."""
