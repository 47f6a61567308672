"""Reads our encodings with Python's own Celery and kombu, for python.integration.test.ts: JSON on stdin and stdout."""
import base64
import json
import sys

from celery import Celery
from celery.utils.saferepr import saferepr
from kombu import compression
from kombu.transport.virtual import Channel
from kombu.utils.json import loads as kombu_loads
from kombu.utils.json import dumps as kombu_dumps

app = Celery("reader", broker="memory://", backend="cache+memory://")


def envelope(text):
    """As kombu's virtual transports read a list entry: envelope, base64, compression, serializer."""
    channel = app.connection().channel()
    message = channel.message_to_python(kombu_loads(text))
    args, kwargs, embed = message.payload
    return {
        "headers": message.headers,
        "delivery_info": message.delivery_info,
        "reply_to": message.properties.get("reply_to"),
        "correlation_id": message.properties.get("correlation_id"),
        "args": repr(args),
        "kwargs": repr(kwargs),
        "embed": embed,
    }


def value(text):
    """The repr of a JSON value and its text when Python writes it again."""
    decoded = kombu_loads(text)
    return {"repr": repr(decoded), "saferepr": saferepr(decoded), "again": kombu_dumps(decoded)}


def exception(wire):
    error = app.backend.exception_to_python(kombu_loads(wire))
    return {
        "type": type(error).__name__,
        "module": type(error).__module__,
        "args": repr(error.args),
        "isException": isinstance(error, Exception),
    }


def meta(text):
    decoded = app.backend.decode_result(text)
    return {"status": decoded["status"], "result": repr(decoded["result"]), "date_done": repr(decoded["date_done"])}


def python_bytes(names):
    """Bodies that Python compressed, as base64."""
    return {name: base64.b64encode(compression.compress(b"hello" * 100, name)[0]).decode() for name in names}


commands = {"envelope": envelope, "value": value, "exception": exception, "meta": meta, "bytes": python_bytes}
print(json.dumps([commands[name](argument) for name, argument in json.load(sys.stdin)]))
