"""The world outside: one port each, with its adapters and the default that is built in."""
