"""What comes back: bounces."""
