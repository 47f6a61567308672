"""The Python side of the interop suites: a plain Celery app, its tasks, and a client that speaks JSON lines."""
