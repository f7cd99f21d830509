"""The HTTP API: questions, answers, and what can be wrong with a question."""
