"""The tasks both sides have under the same names; the folder `src/tasks` is the other half."""
import datetime
import decimal
import time
import uuid

from celery.exceptions import Ignore

from celeriac_peer.values import show

REQUEST_FIELDS = (
    "id root_id parent_id group group_index retries eta expires timelimit shadow task argsrepr kwargsrepr "
    "ignore_result reply_to correlation_id delivery_info hostname headers replaced_task_nesting stamps"
).split()


class PeerError(Exception):
    """An error class that exists on this side only."""


def every_type():
    """One value of every kind that a JSON message can carry between the two sides."""
    return {
        "null": None,
        "true": True,
        "integer": -42,
        "float": 0.1,
        "big": 2**70,
        "beyond_double": 2**53 + 1,
        "unicode": "snowman \u2603, \U0001f600, h\u00e5\u00e5\u00ae\u0192",
        "empty": ["", [], {}],
        "nested": {"a": [1, {"b": [2.5, None]}]},
        "datetime_utc": datetime.datetime(2024, 2, 29, 12, 34, 56, 789012, tzinfo=datetime.timezone.utc),
        "datetime_naive": datetime.datetime(2024, 2, 29, 12, 34, 56),
        "date": datetime.date(2024, 2, 29),
        "time": datetime.time(12, 34, 56, 789012),
        "decimal": decimal.Decimal("3.140"),
        "uuid": uuid.UUID("12345678-1234-5678-1234-567812345678"),
        "text_bytes": "caf\u00e9".encode(),
        "raw_bytes": b"\x00\xff\xfe\x80",
    }


def append(path, text):
    """One line, in one write: lines of several processes do not mix."""
    with open(path, "ab", buffering=0) as ledger:
        ledger.write(f"{text}\n".encode())


def register(app):
    register_values(app)
    register_endings(app)
    register_ledger(app)
    register_canvas(app)


def register_values(app):
    @app.task(name="interop.add")
    def add(x, y):
        return x + y

    @app.task(name="interop.mul")
    def mul(x, y):
        return x * y

    @app.task(name="interop.identity")
    def identity(value=None):
        return value

    @app.task(name="interop.call")
    def call(*args, **kwargs):
        return {"args": list(args), "kwargs": kwargs}

    @app.task(name="interop.show")
    def show_value(value):
        """What the value was when it arrived, type names included."""
        return show(value)

    @app.task(name="interop.every_type")
    def make_every_type():
        return every_type()

    @app.task(name="interop.request", bind=True)
    def request(self, *args, **kwargs):
        return {name: show(getattr(self.request, name, None)) for name in REQUEST_FIELDS}

    @app.task(name="interop.side")
    def side(value=None):
        """Which side ran it."""
        return ["python", value]


def register_endings(app):
    @app.task(name="interop.fail")
    def fail(message="boom"):
        raise ValueError(message)

    @app.task(name="interop.fail_custom")
    def fail_custom(code=7, detail="custom detail"):
        raise PeerError(code, detail)

    @app.task(name="interop.retry_once", bind=True, max_retries=3)
    def retry_once(self, countdown=0.2):
        if self.request.retries == 0:
            raise self.retry(exc=RuntimeError("not yet"), countdown=countdown)
        return {"id": self.request.id, "retries": self.request.retries}

    @app.task(name="interop.retry_until_exhausted", bind=True, max_retries=1)
    def retry_until_exhausted(self):
        raise self.retry(exc=OSError("always"), countdown=0.1)

    @app.task(name="interop.ignore", bind=True)
    def ignore(self):
        self.update_state(state="SEEN", meta={"by": "python"})
        raise Ignore()

    @app.task(name="interop.ignored", ignore_result=True)
    def ignored(value=None):
        return value

    @app.task(name="interop.sleep")
    def sleep(seconds, value=None):
        time.sleep(seconds)
        return value

    @app.task(name="interop.progress", bind=True)
    def progress(self, steps=3, pause=0.1):
        for step in range(1, steps + 1):
            self.update_state(state="PROGRESS", meta={"step": step, "of": steps})
            time.sleep(pause)
        return steps


def register_ledger(app):
    @app.task(name="interop.note")
    def note(path, text):
        append(path, f"python {text}")
        return text

    @app.task(name="interop.note_result")
    def note_result(value, *, path):
        """A link target: the value of the task before it comes first."""
        append(path, f"python result {value}")
        return value

    @app.task(name="interop.note_failure")
    def note_failure(task_id, *, path):
        """An errback of the kind that is sent as a task: it gets the id of the task that failed."""
        append(path, f"python failure {task_id}")
        return task_id

    @app.task(name="interop.note_failure_inline")
    def note_failure_inline(request, exc, traceback, path=None):
        """An errback of the kind that Python calls in the failing worker itself."""
        append(path, f"python inline {request.id} {type(exc).__name__}")

    @app.task(name="interop.note_time")
    def note_time(path, text=""):
        append(path, f"python {time.time()} {text}")
        return time.time()


def register_canvas(app):
    @app.task(name="interop.sum")
    def sum_up(numbers):
        return sum(numbers)

    @app.task(name="interop.replace_with", bind=True)
    def replace_with(self, signature):
        """Ends as whatever the signature, a dictionary, ends as."""
        raise self.replace(app.signature(signature))

    @app.task(name="interop.grow_chord", bind=True)
    def grow_chord(self, signature, value):
        """Adds the signature to the chord it is in, and returns the value."""
        self.add_to_chord(app.signature(signature))
        return value
