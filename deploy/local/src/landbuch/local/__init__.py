"""The whole of Landbuch on one machine: NATS, PostgreSQL and the services in one process tree, from wheels."""
