"""The API of the embedded target, in one process: the endpoint over a lake, and the verbs that stand on it."""
