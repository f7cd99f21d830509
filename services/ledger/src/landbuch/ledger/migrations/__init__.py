"""The history of the ledger's schema, one module per step; a released step never changes."""
