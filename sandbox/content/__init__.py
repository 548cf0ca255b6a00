"""What is said in the public chats: words, media, service messages. All of it follows from a seed."""
