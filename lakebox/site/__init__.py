"""`lakebox site`: static pages that show a lake as it is, made from its catalog, its storage and its SQL engine."""
