"""The stack on Docker: up, down, status, doctor."""
