"""Composition: command line, wiring, embedded MongoDB, doctor, demo."""
