"""Money that clients bring, take, and move between their accounts."""
