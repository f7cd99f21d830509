"""What the ledger keeps in PostgreSQL: its own copy of every entry, and tables that can be rebuilt from it."""
