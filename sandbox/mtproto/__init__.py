"""The MTProto door: transports, keys, sessions and the methods that clients call."""
