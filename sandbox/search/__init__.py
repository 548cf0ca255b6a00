"""Bots that find public chats: what they know, how they show it, how they are talked to."""
