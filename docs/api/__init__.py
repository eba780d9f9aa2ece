"""The description of the gateway, and what is written from it."""
