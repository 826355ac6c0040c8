"""What the trading servers do for us: asked for, done once, looked up when in doubt, compared."""
