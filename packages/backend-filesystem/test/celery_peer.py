"""A Celery client of a result folder: python celery_peer.py FOLDER COMMAND [ID...], prints JSON."""
import json
import sys

from celery import Celery
from celery.result import AsyncResult, GroupResult

folder, command, *ids = sys.argv[1:]
app = Celery("peer", backend=f"file://{folder}")


def read(task_id):
    result = AsyncResult(task_id, app=app)
    value = result.result
    if isinstance(value, Exception):
        value = [type(value).__name__, list(value.args)]
    return {"state": result.state, "result": value, "traceback": result.traceback}


def write():
    app.backend.store_result("ok", {"answer": [42, "é"]}, "SUCCESS")
    app.backend.store_result("bad", ValueError("boom", 3), "FAILURE", traceback="Traceback: boom")
    app.backend.store_result("busy", {"done": 3}, "PROGRESS")
    group = GroupResult("group", [AsyncResult("a", app=app), AsyncResult("b", app=app)], app=app)
    group.save(backend=app.backend)


if command == "write":
    write()
    print("true")
elif command == "overwrite":
    for task_id in ids:
        app.backend.store_result(task_id, "from Python", "SUCCESS")
    print("true")
elif command == "read":
    print(json.dumps([read(task_id) for task_id in ids]))
elif command == "group":
    group = GroupResult.restore(ids[0], backend=app.backend, app=app)
    print(json.dumps([group.id, [child.id for child in group.children]]))
