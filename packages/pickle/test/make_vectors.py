"""Writes vectors/pickles.json: pickles of real Python, protocols 0 to 5, with what they mean.

Run with a Python that has celery, and optionally pytz and dateutil:
    python make_vectors.py > vectors/pickles.json
`json` is the text that kombu's JSON gives for the same value, where it has a form for it.
"""
import base64
import collections
import datetime as dt
import decimal
import json
import pickle
import platform
import sys
import uuid
import zoneinfo

import celery
import kombu
from celery.exceptions import Retry, TimeLimitExceeded
from celery.utils.serialization import UnpickleableExceptionWrapper
from kombu.utils.json import dumps


class OrderError(Exception):
    """A user's exception with state beside its arguments."""

    def __init__(self, code, text):
        super().__init__(code, text)
        self.hint = {"retry": True}


OrderError.__module__ = "shop_errors"
sys.modules["shop_errors"] = sys.modules[__name__]

shared = ["shared"]
plus_one = dt.timezone(dt.timedelta(hours=1))
berlin = zoneinfo.ZoneInfo("Europe/Berlin")

VALUES = {
    "none": None, "true": True, "false": False, "zero": 0, "small": 255, "two bytes": 65535, "negative": -1,
    "four bytes": 2**31 - 1, "lowest four bytes": -(2**31), "five bytes": 2**31, "largest safe": 2**53 - 1,
    "beyond safe": 2**53, "negative beyond safe": -(2**53), "eight bytes": 2**63, "hundred bits": -(2**100),
    "two thousand bits": 2**2000 + 1, "whole float": 1.0, "float": 0.1, "large float": 1e300, "negative zero": -0.0,
    "tiny float": 5e-324, "empty text": "", "ascii": "plain", "unicode": "caf\u00e9 \u65e5\u672c \U0001f600",
    "control characters": "a\n\r\t\\ \x00 \x1a '\" \\u0041", "lone surrogate": "\ud800 alone", "replacement": "\ufffd",
    "256 letters": "x" * 256, "300 wide letters": "\u00fc" * 300, "empty bytes": b"", "bytes": b"\x00\xff\xfe",
    "utf-8 bytes": "caf\u00e9".encode(), "300 bytes": bytes(range(256)) + b"!" * 44,
    "empty tuple": (), "tuples": ((1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)), "empty list": [],
    "list": [1, [2, [3]]], "1,100 items": list(range(1100)), "empty dict": {}, "dict": {"a": 1, "b": {"c": [None]}},
    "1,100 entries": {str(n): n for n in range(1100)},
    "odd keys": {1: "int", 2.0: "float", 2.5: "half", 1e16: "large", True: "replaces 1", None: "none", "text": "text"},
    "hostile keys": {"__proto__": {"polluted": 1}, "constructor": 2, "toString": 3}, "twice": [shared, shared],
    "datetime": dt.datetime(2024, 2, 29, 12, 34, 56, 789012), "datetime without fraction": dt.datetime(1, 1, 1),
    "utc datetime": dt.datetime(2024, 2, 29, 12, 34, 56, 789012, dt.timezone.utc),
    "offset datetime": dt.datetime(9999, 12, 31, 23, 59, 59, 999999, plus_one),
    "named offset": dt.datetime(2024, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=-3, minutes=-30), "NST")),
    "odd offset": dt.datetime(1900, 1, 1, tzinfo=dt.timezone(dt.timedelta(minutes=53, seconds=28))),
    "zone winter": dt.datetime(2024, 1, 2, 3, 4, 5, 6, berlin), "zone summer": dt.datetime(2024, 7, 2, 3, 4, 5, 6, berlin),
    "zone first of two": dt.datetime(2024, 10, 27, 2, 30, tzinfo=berlin),
    "zone second of two": dt.datetime(2024, 10, 27, 2, 30, tzinfo=berlin, fold=1),
    "zone in the gap": dt.datetime(2024, 3, 31, 2, 30, tzinfo=berlin),
    "zone in the gap, fold": dt.datetime(2024, 3, 31, 2, 30, tzinfo=berlin, fold=1),
    "zone local mean time": dt.datetime(1880, 1, 1, tzinfo=berlin),
    "zone southern": dt.datetime(2024, 1, 15, 12, tzinfo=zoneinfo.ZoneInfo("Australia/Lord_Howe")),
    "zone utc": dt.datetime(2024, 1, 15, 12, tzinfo=zoneinfo.ZoneInfo("UTC")),
    "date": dt.date(2024, 2, 29), "time": dt.time(12, 34, 56, 789012), "time with fold": dt.time(1, 2, 3, fold=1),
    "time with offset": dt.time(1, 2, tzinfo=plus_one), "decimal": decimal.Decimal("3.140"),
    "decimal exponent": decimal.Decimal("-1E+30"), "decimal infinity": decimal.Decimal("-Infinity"),
    "uuid": uuid.UUID("12345678-1234-5678-1234-567812345678"), "uuid one": uuid.UUID(int=1),
    "uuid with safety": uuid.UUID(int=2**127, is_safe=uuid.SafeUUID.safe),
    "ordered dict": collections.OrderedDict([("b", 1), ("a", [2])]),
    "default dict": collections.defaultdict(list, {"a": [1]}), "default dict of none": collections.defaultdict(None),
    "failure": {"exc_type": "ValueError", "exc_message": ("boom", 1), "exc_module": "builtins"},
}

#: Values that kombu's JSON has no form for; the test says what they are.
OTHERS = {
    "nan": float("nan"), "infinity": float("inf"), "minus infinity": float("-inf"),
    "set": {1, "a", (2, 3)}, "empty set": set(), "frozenset": frozenset({1}), "set of sets": {frozenset({1})},
    "timedelta": dt.timedelta(days=-1, seconds=2, microseconds=3), "tuple keys": {(1, "a"): 1}, "bytes keys": {b"k": 1},
    "clashing keys": {1: "int", "1": "text"}, "deque": collections.deque([1, [2]], 5), "endless deque": collections.deque("ab"),
    "bytearray": bytearray(b"\x01\x80"), "empty bytearray": bytearray(), "counter": collections.Counter("aab"),
}

EXCEPTIONS = {
    "builtin": ValueError("boom", 1), "no arguments": KeyError(), "os": OSError(2, "No such file", "/x"),
    "user's": OrderError(7, "out of stock"), "celery's": TimeLimitExceeded(30), "nested": Retry("again", KeyError("k"), 3),
    "group": ExceptionGroup("many", [ValueError(1)]), "plain value": {"exc_type": "KeyError", "exc_message": ["k"], "exc_module": "builtins"},
    "wrapped": UnpickleableExceptionWrapper("shop", "PayError", ("no", 5), "PayError('no', 5)"),
}


def foreign_zones():
    """Values of packages that need not be installed."""
    naive = dt.datetime(2024, 7, 2, 3, 4, 5, 6)
    try:
        import pytz
        yield "pytz utc", naive.replace(tzinfo=pytz.utc)
        yield "pytz zone", pytz.timezone("Europe/Berlin").localize(naive)
        yield "pytz static zone", naive.replace(tzinfo=pytz.timezone("Etc/GMT+5"))
        yield "pytz offset", naive.replace(tzinfo=pytz.FixedOffset(-90))
    except ImportError:
        pass
    try:
        import dateutil.tz
        yield "dateutil utc", naive.replace(tzinfo=dateutil.tz.tzutc())
        yield "dateutil offset", naive.replace(tzinfo=dateutil.tz.tzoffset(None, 3600))
    except ImportError:
        pass


def vectors(kind, name, value):
    for protocol in range(6):
        data = pickle.dumps(value, protocol)
        row = {"kind": kind, "name": name, "protocol": protocol, "pickle": base64.b64encode(data).decode()}
        # Not of the value itself: protocols before 4 lose the fold of a datetime.
        yield {**row, "json": dumps(pickle.loads(data))} if kind == "value" else row


def main():
    rows = []
    for name, value in {**VALUES, **dict(foreign_zones())}.items():
        rows += vectors("value", name, value)
    for name, value in OTHERS.items():
        rows += vectors("other", name, value)
    for name, value in EXCEPTIONS.items():
        rows += vectors("exception", name, value)
    versions = {"python": platform.python_version(), "celery": celery.__version__, "kombu": kombu.__version__}
    head = json.dumps({"script": "test/make_vectors.py", **versions})
    print('{"producer": %s, "vectors": [\n%s\n]}' % (head, ",\n".join(json.dumps(row) for row in rows)))


main()
