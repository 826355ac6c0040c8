"""The only room that moves money: double entry, in minor units, never rewritten."""
