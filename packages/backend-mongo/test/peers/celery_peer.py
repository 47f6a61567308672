"""A Celery client of results in MongoDB: python celery_peer.py URL SETTINGS COMMAND [ID...], prints JSON.

SETTINGS is JSON: names of collections, and of Celery's settings under "conf".
"""
import json
import sys
from types import SimpleNamespace

from celery import Celery
from celery.exceptions import ChordError
from celery.result import AsyncResult, GroupResult

url, settings, command, *ids = sys.argv[1:]
settings = json.loads(settings)
app = Celery("peer", backend=url)
app.conf.update(settings.pop("conf", {}))
app.conf.mongodb_backend_settings = settings


def read(task_id):
    result = AsyncResult(task_id, app=app)
    value = result.result
    if isinstance(value, Exception):
        value = [type(value).__name__, list(value.args)]
    children = [child.as_tuple() for child in result.children or []]
    return {"state": result.state, "result": value, "traceback": result.traceback, "children": children}


def write():
    request = SimpleNamespace(
        id="ok", task="tasks.add", args=[1, {"deep": [2]}], kwargs={"debug": True}, hostname="w1@host", retries=2,
        delivery_info={"routing_key": "celery"}, children=[AsyncResult("child", app=app)], group="group", parent_id="parent",
        stamps={"tenant": ["acme"]}, stamped_headers=["tenant"],
    )
    app.backend.store_result("ok", {"answer": [42, "é"], "big": 2 ** 60}, "SUCCESS", request=request)
    app.backend.store_result("bad", ValueError("boom", 3), "FAILURE", traceback="Traceback: boom")
    app.backend.store_result("chord", ChordError("Dependency x raised"), "FAILURE")
    app.backend.store_result("revoked", Exception("terminated"), "REVOKED")
    app.backend.store_result("busy", {"done": 3}, "PROGRESS")
    app.backend.store_result("it's $odd.\n", 1, "SUCCESS")
    group = GroupResult("group", [AsyncResult("a", app=app), AsyncResult("b", app=app)], app=app)
    group.save(backend=app.backend)


def store():
    state, value = ids[1], json.loads(ids[2])
    app.backend.store_result(ids[0], value, state)


def join():
    """Joins the header of a chord as celery.chord_unlock does."""
    header = GroupResult("header", [AsyncResult(task_id, app=app) for task_id in ids], app=app)
    if not header.ready():
        return "not ready"
    try:
        return header.join(timeout=10, propagate=True)
    except Exception as error:
        return f"raised {error!r}"


def indexes():
    names = []
    for collection in (app.backend.collection, app.backend.group_collection):
        names.append(sorted(collection.index_information()))
    return names


answer = True
if command == "write":
    write()
elif command == "store":
    store()
elif command == "read":
    answer = [read(task_id) for task_id in ids]
elif command == "get":
    answer = [AsyncResult(task_id, app=app).get(timeout=20) for task_id in ids]
elif command == "meta":
    answer = [{k: v for k, v in app.backend.get_task_meta(i).items() if k != "date_done"} for i in ids]
elif command == "group":
    group = GroupResult.restore(ids[0], backend=app.backend, app=app)
    answer = [child.id for child in group]  # Celery hands out the list of members alone
elif command == "join":
    answer = join()
elif command == "indexes":
    answer = indexes()
elif command == "cleanup":
    app.backend.cleanup()
print(json.dumps(answer))
