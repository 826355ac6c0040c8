"""What is kept: the tables, and the rules of one record."""
