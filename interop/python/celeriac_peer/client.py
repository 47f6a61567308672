"""A client that takes one JSON request per line and answers each with one JSON line.

    echo '{"do": "send", "name": "interop.add", "args": [1, 2], "wait": 5}' | python -m celeriac_peer.client
    python -m celeriac_peer.client '{"do": "result", "id": "...", "wait": 5}'

Configured by CELERIAC_PEER_CONF, like the app. An answer is {"ok": ...} or {"error": "..."}; a task that failed is
no error of the client: look at "status".
"""
import json
import sys
import time

from celery import chain
from celery.backends.rpc import RPCBackend
from celery.exceptions import TimeoutError as CeleryTimeout
from celery.result import AsyncResult, GroupResult, ResultSet

from celeriac_peer.app import app
from celeriac_peer.values import read, show


def send(request):
    options = read(request.get("options", {}))
    for name in ("link", "link_error"):
        if name in options:
            options[name] = [signature(item) for item in options[name]]
    result = app.send_task(request["name"], read(request.get("args", [])), read(request.get("kwargs", {})), **options)
    return outcome(result, request) if "wait" in request else {"id": result.id}


def send_many(request):
    """As many tasks at once as there are "calls", each a list of arguments, and what they returned in that order."""
    sent = [app.send_task(request["name"], read(args), **read(request.get("options", {}))) for args in request["calls"]]
    return show(ResultSet(sent, app=app).get(timeout=request.get("wait", 10), interval=0.05))


def hear(request):
    """Sends a task and waits for it: every state that reached the waiting client, in order."""
    states = []
    result = app.send_task(request["name"], read(request.get("args", [])), **read(request.get("options", {})))
    result.get(timeout=request.get("wait", 10), propagate=False,
               on_message=lambda meta: states.append([meta["status"], show(meta["result"])]))
    return states


def forget(request):
    AsyncResult(request["id"], app=app).forget()


def send_chain(request):
    result = chain(*[signature(step) for step in request["steps"]]).apply_async()
    return {**outcome(result, request), "parent": result.parent.id if result.parent else None}


def send_canvas(request):
    """A signature of any kind, as its dictionary; with "save" its group's results can be restored by its id."""
    result = app.signature(request["signature"]).apply_async()
    if request.get("save"):
        result.save()
    return outcome(result, request)


def restore_group(request):
    """A group that somebody saved: the ids of its members, and what they returned."""
    group = GroupResult.restore(request["id"], app=app)
    if group is None:
        return None
    # From MongoDB Celery restores the list of members only.
    members = group.results if isinstance(group, GroupResult) else group
    return {"ids": [member.id for member in members],
            "value": show(ResultSet(members, app=app).get(timeout=request.get("wait", 10), interval=0.05))}


def fetch(request):
    return outcome(AsyncResult(request["id"], app=app), request)


def watch(request):
    """Every state and result seen until the task is ready, each once."""
    result, seen = AsyncResult(request["id"], app=app), []
    until = time.monotonic() + request.get("wait", 10)
    while time.monotonic() < until:
        meta = app.backend.get_task_meta(result.id, cache=False)
        state = [meta["status"], show(meta["result"])]
        if state not in seen:
            seen.append(state)
        if meta["status"] in ("SUCCESS", "FAILURE", "REVOKED"):
            break
        time.sleep(0.02)
    return seen


def outcome(result, request):
    """What `AsyncResult.get()` gives or raises here, beside the stored record."""
    answer = {"id": result.id}
    try:
        answer["value"] = show(result.get(timeout=request.get("wait", 10), interval=0.05))
    except CeleryTimeout:
        answer["timeout"] = True
    except Exception as error:
        answer["raised"] = show(error)
    if isinstance(result, GroupResult):
        return {**answer, "members": [member.id for member in result.results]}
    # A message can be read once only: what the result got is all there is of it.
    is_message = isinstance(app.backend, RPCBackend)
    meta = result._get_task_meta() if is_message else app.backend.get_task_meta(result.id)
    return {**answer, "status": meta["status"], "traceback": meta.get("traceback"), "meta": show(meta)}


def signature(item):
    return app.signature(item["task"], args=read(item.get("args", [])), kwargs=read(item.get("kwargs", {})),
                         immutable=item.get("immutable", False), **item.get("options", {}))


def inspect(request):
    ask = app.control.inspect(timeout=request.get("timeout", 1.0), destination=request.get("destination"))
    return getattr(ask, request["method"])(*request.get("args", []))


def publish(request):
    """A message made by hand: any headers, body and content type."""
    with app.producer_pool.acquire(block=True) as producer:
        producer.publish(request["body"].encode(), exchange="", routing_key=request["queue"],
                         headers=request.get("headers", {}), content_type=request["content_type"],
                         content_encoding=request.get("content_encoding", "utf-8"),
                         **request.get("properties", {}))
    return None


COMMANDS = {
    "send": send, "many": send_many, "hear": hear, "forget": forget, "chain": send_chain, "canvas": send_canvas,
    "restore_group": restore_group, "result": fetch, "watch": watch, "inspect": inspect, "publish": publish,
}


def answer(line):
    try:
        request = json.loads(line)
        return {"ok": COMMANDS[request["do"]](request)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def main(arguments):
    for line in arguments or sys.stdin:
        print(json.dumps(answer(line)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
