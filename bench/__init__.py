"""Benchmarks: the service as its users run it, beside what they would write themselves."""
