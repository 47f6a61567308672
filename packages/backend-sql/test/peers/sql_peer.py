"""Celery's own SQL result store, told what to do line by line.

Argument: URL of the store (db+...). Reads one JSON object per line and answers each with one:
  {"do": "store", "id", "state", "value"}   stores VALUES[value] (an exception for failed states)
  {"do": "fetch", "id"}                     {"state", "result", "traceback", "name", "args", "kwargs", ...}, as repr
  {"do": "save_group", "id", "members"}     saves a GroupResult
  {"do": "restore_group", "id"}             {"members": [...]}, or {"members": null}
  {"do": "get", "id"}                       {"value": repr} or {"error": repr}, as AsyncResult.get has it
"""

import datetime
import decimal
import json
import logging
import sys
import uuid

from celery import Celery
from celery.app.task import Context
from celery.result import AsyncResult, GroupResult

logging.disable(logging.CRITICAL)
app = Celery(broker="memory://", backend=sys.argv[1])
app.conf.result_extended = True

VALUES = {
    "five": 5,
    "none": None,
    "nested": {"a": [1, 2.5, "x", None, True], "é": "☃"},
    "big": 2**70,
    "tuple": (1, (2, 3)),
    "bytes": b"\x00\xff",
    "datetime": datetime.datetime(2026, 11, 20, 1, 2, 3, 456789, tzinfo=datetime.timezone.utc),
    "decimal": decimal.Decimal("1.50"),
    "uuid": uuid.UUID("12345678123456781234567812345678"),
    "error": ValueError("boom", 3),
    "lambda": {"f": print},
}


def store(order):
    request = Context(
        id=order["id"], task="tasks.add", args=[1, "x"], kwargs={"k": 2}, hostname="py@host", retries=1,
        delivery_info={"routing_key": "celery"},
    )
    traceback = "tb" if order["state"] == "FAILURE" else None
    app.backend.store_result(order["id"], VALUES[order["value"]], order["state"], traceback=traceback, request=request)
    return {}


def fetch(order):
    meta = app.backend.get_task_meta(order["id"], cache=False)
    meta["state"] = meta.pop("status")
    return {key: repr(value) for key, value in meta.items() if key != "date_done"}


def save_group(order):
    GroupResult(order["id"], [AsyncResult(member, app=app) for member in order["members"]], app=app).save()
    return {}


def restore_group(order):
    group = GroupResult.restore(order["id"], app=app)
    if group is None:
        return {"members": None}
    return {"members": [member.id for member in group.results], "backend": type(group.results[0].backend).__name__}


def get(order):
    try:
        return {"value": repr(AsyncResult(order["id"], app=app).get(timeout=5))}
    except Exception as error:
        return {"error": repr(error)}


for line in sys.stdin:
    order = json.loads(line)
    try:
        answer = globals()[order["do"]](order)
    except Exception as error:
        answer = {"raised": repr(error)}
    print(json.dumps(answer), flush=True)
