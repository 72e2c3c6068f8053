"""`lakebox deploy`: makes, updates and removes what a template has, as a client of the target's API."""
