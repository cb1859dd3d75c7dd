"""The subscribers' door."""
