"""What is said in the public chats: words, media, service messages; all from a seed."""
