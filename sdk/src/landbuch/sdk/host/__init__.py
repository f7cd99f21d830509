"""The process around a service's rules: commands in over NATS and HTTP, answers out, books found and watched."""
