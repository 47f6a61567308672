"""The control: Celery's own worker for its own suite, but outside the pytest process, like the worker under test.

Some tests look into a worker in their own process; no external worker can pass those, and this one shows which.
"""
import json
import os

import celery.contrib.testing.app as testing
from celery import Celery

app = Celery("control", set_as_current=True)
app.conf.update(
    testing.DEFAULT_TEST_CONFIG,
    broker_url=os.environ["TEST_BROKER"],
    result_backend=os.environ["TEST_BACKEND"],
    result_extended=True,
    task_create_missing_queues=False,
    **json.loads(os.environ.get("CELERIAC_SUITE_SETTINGS", "{}")),
)
app.set_default()

import t.integration.tasks as tasks  # noqa: E402  (shared tasks attach to the default app)

app.register_task(tasks.ClassBasedAutoRetryTask())
