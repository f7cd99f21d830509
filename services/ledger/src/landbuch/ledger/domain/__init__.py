"""The ledger's rules: one pure function per order. No clock, no ids, no I/O, no logging."""
