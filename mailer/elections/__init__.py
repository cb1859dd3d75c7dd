"""Results in: snapshots, seats, what changed."""
