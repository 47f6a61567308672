"""Does with the real Celery what the tests compare with: declares its topology, publishes and reads messages."""

import json
import sys

from celery import Celery
from kombu import Exchange, Queue
from kombu.pidbox import Mailbox
from kombu.transport.native_delayed_delivery import (
    bind_queue_to_native_delayed_delivery_exchange,
    declare_native_delayed_delivery_exchanges_and_queues,
)


def app_for(url):
    app = Celery("peer", broker=url, backend=None, set_as_current=False)
    app.conf.task_queues = [
        Queue("celery", Exchange("celery", type="direct"), routing_key="celery"),
        Queue("urgent", Exchange("urgent", type="direct"), routing_key="urgent", max_priority=10),
        Queue("mail", Exchange("mail", type="topic"), routing_key="mail.#", message_ttl=60.0, expires=3600.0),
        Queue("copies", Exchange("copies", type="fanout"), routing_key=""),
        Queue("safe", Exchange("safe", type="topic"), routing_key="safe", queue_arguments={"x-queue-type": "quorum"}),
    ]
    app.conf.task_default_queue = "celery"
    return app


def declare(url):
    app = app_for(url)
    with app.connection_for_write() as connection:
        for queue in app.amqp.queues.values():
            queue(connection.channel()).declare()
        declare_native_delayed_delivery_exchanges_and_queues(connection, "quorum")
        bind_queue_to_native_delayed_delivery_exchange(connection, app.amqp.queues["safe"])


def control(url, node):
    app = app_for(url)
    with app.connection_for_write() as connection:
        mailbox = Mailbox("celery", type="fanout")
        channel = connection.channel()
        mailbox.get_queue(node)(channel).declare()
        print(json.dumps(node), flush=True)
        sys.stdin.read()


def publish(url, queue, headers):
    app = app_for(url)
    with app.connection_for_write() as connection:
        producer = connection.Producer(serializer="json")
        producer.publish(
            [[], {}, {}], routing_key=queue, exchange="", headers=json.loads(headers), correlation_id="from-python"
        )


def delayed(url, countdown):
    app = app_for(url)
    app.send_task("lab.noop", countdown=float(countdown), queue="safe", task_id="delayed-by-python")


def read(url, queue):
    app = app_for(url)
    with app.connection_for_write() as connection:
        message = connection.channel().basic_get(queue)
        if message is not None:
            message = connection.default_channel.message_to_python(message)
            body = message.body if isinstance(message.body, str) else bytes(message.body).decode()
            print(json.dumps({"headers": message.headers, "properties": message.properties, "body": body}, default=str))


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
