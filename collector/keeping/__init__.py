"""What a worker does besides the jobs: it tells that it lives, leaves chats, and cleans up."""
