"""The stack's service `driver`, where job scripts run: its server, and the client in the API."""
