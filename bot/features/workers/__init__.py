"""The collectors and their signs of life."""
