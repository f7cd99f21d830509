"""The law of Landbuch: events, canonical bytes, chain, tree, posting rules and the one fold, in pure Python."""
