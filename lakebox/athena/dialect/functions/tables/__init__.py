"""One table of functions for each kind: signatures, and DuckDB's text for them."""
