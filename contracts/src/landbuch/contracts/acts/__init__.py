"""What may happen: for each act the order (a command's data) and the record (an event's data), side by side.

Both inherit the same terms, so a fact is described once. Rules about one command alone (sums, doubles, contradictions)
are checked here by the models; rules that need the book are in the services' ``decide``.
"""
