"""Python values as JSON for people and tests: what JSON cannot say is `{"$type": name, "value": text}`.

This is deliberately not kombu's own tagging: the tests must see which Python type a value really had.
"""
import base64
import datetime
import decimal
import uuid

READERS = {
    "datetime": datetime.datetime.fromisoformat,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "decimal": decimal.Decimal,
    "uuid": uuid.UUID,
    "bytes": base64.b64decode,
    "int": int,
}


def show(value):
    """The JSON form of a Python value."""
    if value is None or isinstance(value, (bool, str, float)):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else tagged("int", str(value))
    if isinstance(value, dict):
        return {str(key): show(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [show(item) for item in value]
    if isinstance(value, bytes):
        return tagged("bytes", base64.b64encode(value).decode())
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return tagged(type(value).__name__, value.isoformat())
    if isinstance(value, (decimal.Decimal, uuid.UUID)):
        return tagged(type(value).__name__.lower(), str(value))
    if isinstance(value, BaseException):
        return show_error(value)
    return tagged(type(value).__name__, str(value))


def show_error(error):
    """An exception: its class, every class it is a kind of, and its arguments."""
    kind = type(error)
    return {
        "$type": "exception",
        "name": kind.__name__,
        "module": kind.__module__,
        "bases": [base.__name__ for base in kind.__mro__],
        "args": show(list(error.args)),
        "text": str(error),
    }


def read(value):
    """The Python value of a JSON form."""
    if isinstance(value, list):
        return [read(item) for item in value]
    if isinstance(value, dict):
        if set(value) == {"$type", "value"}:
            return READERS[value["$type"]](value["value"])
        return {key: read(item) for key, item in value.items()}
    return value


def tagged(name, text):
    return {"$type": name, "value": text}
