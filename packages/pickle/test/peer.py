"""Real Python for the tests: reads commands from stdin as JSON, answers on stdout as JSON.

Only ever given pickles that our own writer has made.
"""
import base64
import json
import pickle
import sys

from kombu.utils.json import dumps


def read(data):
    """repr and type of what our pickle means, and its pickles in every protocol."""
    value = pickle.loads(base64.b64decode(data))
    again = [base64.b64encode(pickle.dumps(value, protocol)).decode() for protocol in range(6)]
    return {"repr": repr(value), "again": again}


def read_json(data):
    """kombu's JSON of what our pickle means, and its pickles in protocols 0 and 5."""
    value = pickle.loads(base64.b64decode(data))
    again = [base64.b64encode(pickle.dumps(value, protocol)).decode() for protocol in (0, 2, 5)]
    return {"json": dumps(value), "again": again}


def read_failure(data):
    """The exception that Celery's SQL store makes of our pickle."""
    from celery import Celery

    app = Celery("peer", backend="cache+memory://", set_as_current=False)
    error = app.backend.exception_to_python(pickle.loads(base64.b64decode(data)))
    return {"type": type(error).__name__, "module": type(error).__module__, "args": repr(error.args)}


def read_group(data):
    """A saved group as Celery restores it: as a tuple, and pickled again."""
    from celery import Celery

    Celery("peer", backend="cache+memory://")
    group = pickle.loads(base64.b64decode(data))
    tuple_ = json.loads(json.dumps(group.as_tuple()))
    return {"type": type(group).__name__, "tuple": tuple_, "again": base64.b64encode(pickle.dumps(group, 5)).decode()}


COMMANDS = {"read": read, "json": read_json, "failure": read_failure, "group": read_group}
json.dump([COMMANDS[name](data) for name, data in json.load(sys.stdin)], sys.stdout)
