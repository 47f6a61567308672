"""A Python peer for the tests: publishes or consumes through kombu, and prints what it saw as JSON lines.

kombu_peer.py consume URL QUEUE COUNT        consume and ack
kombu_peer.py abandon URL QUEUE COUNT        consume, ack nothing and die without a farewell
kombu_peer.py publish URL QUEUE ID PRIORITY  publish one message
kombu_peer.py broadcast URL EXCHANGE ID      publish to a fanout exchange
"""
import json
import os
import sys

from kombu import Connection, Exchange, Queue

command, url, name = sys.argv[1:4]
options = {"visibility_timeout": 3600}

with Connection(url, transport_options=options) as connection:
    if command in ("consume", "abandon"):
        left = int(sys.argv[4])

        def receive(body, message):
            global left
            left -= 1
            print(json.dumps({
                "id": message.headers.get("id"),
                "body": body,
                "redelivered": bool(message.delivery_info.get("redelivered")),
                "priority": message.properties.get("priority"),
            }), flush=True)
            if command == "consume":
                message.ack()

        with connection.Consumer(Queue(name, Exchange(name), routing_key=name), callbacks=[receive], accept=["json"]):
            while left > 0:
                connection.drain_events(timeout=10)
        if command == "abandon":
            os._exit(9)
    elif command == "publish":
        queue = Queue(name, Exchange(name), routing_key=name)
        connection.Producer().publish(
            [[], {}, {}], exchange="", routing_key=name, declare=[queue], serializer="json",
            headers={"task": "lab.noop", "id": sys.argv[4]}, priority=int(sys.argv[5]),
        )
    elif command == "broadcast":
        exchange = Exchange(name, type="fanout")
        connection.Producer().publish(
            {"method": "ping"}, exchange=exchange, routing_key="", declare=[exchange], serializer="json",
            headers={"id": sys.argv[4]},
        )
