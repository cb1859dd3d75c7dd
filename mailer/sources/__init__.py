"""Stories in: feeds and what a story is."""
