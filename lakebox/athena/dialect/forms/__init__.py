"""Forms of Athena's grammar that are written otherwise before types are known, or by the types alone."""
