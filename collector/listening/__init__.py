"""Live readers: what happens in chats is stored as it happens, and what was missed is found."""
