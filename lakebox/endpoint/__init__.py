"""The HTTP endpoint: AWS's wire protocols on 127.0.0.1, every request signed."""
