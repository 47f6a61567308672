"""Celery on a message folder: python celery_peer.py FOLDER COMMAND [ARGUMENT...]; what it prints is JSON."""
import json
import os
import sys

from celery import Celery
from kombu import Exchange, Queue

folder, command, *arguments = sys.argv[1:]
os.makedirs(f"{folder}/results", exist_ok=True)
app = Celery("peer", broker="filesystem://", backend=f"file://{folder}/results")
app.conf.broker_transport_options = {
    "data_folder_in": folder,
    "data_folder_out": folder,
    "control_folder": f"{folder}/control",
}


@app.task(name="peer.add")
def add(x, y):
    return x + y


def queue_of(name):
    return Queue(name, Exchange(name, type="direct"), routing_key=name)


def put(name, prefix, count):
    with app.connection() as connection, connection.Producer() as producer:
        for index in range(count):
            body = {"text": f"{prefix}{index}"}
            producer.publish(
                body, exchange="", routing_key=name, declare=[queue_of(name)], headers={"id": body["text"]}
            )
    return count


def get(name, count):
    found = []
    with app.connection() as connection:
        queue = queue_of(name)(connection.default_channel)
        while len(found) < count:
            message = queue.get(no_ack=False, accept=["json"])
            if message is None:
                break
            message.ack()
            found.append([message.headers.get("id"), message.headers.get("redelivered", False), message.payload])
    return found


def topic(exchange_name, key):
    """Sends to a topic exchange whose bindings others have made."""
    exchange = Exchange(exchange_name, type="topic")
    with app.connection() as connection, connection.Producer() as producer:
        producer.publish({}, exchange=exchange, routing_key=key, declare=[exchange], headers={"id": key})
    return True


if command == "worker":
    app.worker_main(
        ["worker", "-P", "solo", "-l", "warning", "-n", "py@host", "--without-gossip", "--without-mingle"]
    )
elif command == "celery":
    app.start(arguments)
elif command == "put":
    print(json.dumps(put(arguments[0], arguments[1], int(arguments[2]))))
elif command == "get":
    print(json.dumps(get(arguments[0], int(arguments[1]))))
elif command == "topic":
    print(json.dumps(topic(*arguments)))
elif command == "ping":
    print(json.dumps(app.control.ping(timeout=float(arguments[0]))))
