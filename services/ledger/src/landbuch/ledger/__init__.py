"""The ledger of Landbuch: where the money is, with journal, balances and its own copy of every entry."""
