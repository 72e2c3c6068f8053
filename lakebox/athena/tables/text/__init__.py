"""Text files: their lines, and the rows that each SerDe reads from them."""
