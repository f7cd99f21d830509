"""The door to Landbuch: open, read, follow and append to a book, for our services and for strangers."""
