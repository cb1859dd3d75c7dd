"""Plain values everyone shares; standard library only."""
