"""What people see of Landbuch: read models, HTTP API and web pages; it may read the books and append nothing."""
