"""A Celery worker and a Celery client whose results travel over rpc://, for the tests."""

import json
import sys
import time

from celery import Celery
from celery.signals import worker_ready


def app_for(url):
    app = Celery("peer", broker=url, backend="rpc://", set_as_current=False)
    app.conf.task_track_started = True
    app.conf.broker_connection_retry_on_startup = True

    @app.task(name="peer.add")
    def add(x, y):
        return x + y

    @app.task(name="peer.fail")
    def fail(text):
        raise ValueError(text)

    @app.task(name="peer.progress", bind=True)
    def progress(self, steps):
        for step in range(steps):
            self.update_state(state="PROGRESS", meta={"step": step})
        return "finished"

    @app.task(name="peer.retry", bind=True, max_retries=2)
    def retry(self):
        if self.request.retries == 0:
            raise self.retry(exc=KeyError("once"), countdown=0)
        return self.request.retries

    return app


def tell(value):
    """Marked, as a worker prints a banner too; past the log, into which it sends what is printed."""
    print("> " + json.dumps(value), file=sys.__stdout__, flush=True)


def worker(url, queue):
    worker_ready.connect(lambda **_: tell("ready"), weak=False)
    options = ["-P", "solo", "-l", "CRITICAL", "-Q", queue, "--without-gossip", "--without-mingle", "--without-heartbeat"]
    app_for(url).worker_main(["worker", *options])


def client(url, queue):
    app = app_for(url)

    def send(name, *args):
        return app.send_task(name, args, queue=queue)

    many = [send("peer.add", number, number) for number in range(200)]
    tell({"many": [result.get(timeout=30) for result in many]})

    failed = send("peer.fail", "boom")
    try:
        failed.get(timeout=30)
    except ValueError as error:
        tell({"failed": [type(error).__name__, list(error.args)], "state": failed.state})

    heard = []
    finished = send("peer.progress", 3)
    value = finished.get(timeout=30, on_message=lambda body: heard.append([body["status"], body["result"]]))
    tell({"heard": [entry for entry in heard if entry[0] in ("PROGRESS", "SUCCESS")], "value": value})


def late(url, queue):
    """Looks only when the result has long been there, and by polling."""
    app = app_for(url)
    result = app.send_task("peer.add", (20, 22), queue=queue)
    until = time.monotonic() + 30
    while result.state != "SUCCESS" and time.monotonic() < until:
        time.sleep(0.05)
    tell({"state": result.state, "again": result.state, "value": result.get(timeout=10)})


def long(url, queue):
    """Waits for a long result, and looks later for another one; how RabbitMQ carried them is for the other side to check."""
    app = app_for(url)
    waited = app.send_task("peer.long", (5000,), queue=queue).get(timeout=30)
    result = app.send_task("peer.long", (6000,), queue=queue)
    until = time.monotonic() + 30
    while result.state != "SUCCESS" and time.monotonic() < until:
        time.sleep(0.05)
    tell([[len(text), text[:5]] for text in (waited, result.get(timeout=10))])


def reply(url, queue, task_id, compression):
    """Sends a result in the way that kombu compresses messages."""
    app = app_for(url)
    body = {"task_id": task_id, "status": "SUCCESS", "result": "work " * 1000, "traceback": None, "children": []}
    with app.producer_pool.acquire(block=True) as producer:
        producer.publish(
            body,
            exchange="",
            routing_key=queue,
            correlation_id=task_id,
            serializer="json",
            compression=compression,
        )
    tell("sent")


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
