"""What to send: recipes, slots, selection, editions and their states."""
