"""What the broker's own people do."""
