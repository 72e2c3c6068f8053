"""The sandbox: the command line, and the three seams (catalog, SQL engine, job runner) that carry the targets."""
