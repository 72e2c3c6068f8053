"""Reads one object as a crawler does: its footer, or its first megabyte. In: an object. Out: format and columns."""
