"""Trading servers that are none: accounts, money and orders as a bridge to real ones tells them."""
