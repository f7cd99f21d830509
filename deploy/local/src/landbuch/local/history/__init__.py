"""The real history: decisions on the integration programmes of four cantons, each fact with source and precision."""
