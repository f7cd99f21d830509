"""The rules of partners and agreements: one pure function per order. No clock, no ids, no I/O, no logging."""
