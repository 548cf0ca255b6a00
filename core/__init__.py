"""Values and rules. No I/O, no third-party client; imports nobody."""
