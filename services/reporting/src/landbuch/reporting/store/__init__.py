"""The tables of reporting and how they are read; all of them are caches of the books."""
