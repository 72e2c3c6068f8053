"""`lakebox check`: says what in a script or a template would not run on Glue, or not in the sandbox."""
