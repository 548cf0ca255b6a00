"""Reads pages of history from their raw bytes: only what is kept becomes an object."""
