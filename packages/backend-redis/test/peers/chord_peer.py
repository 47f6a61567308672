"""Records completions of chords with Celery's own Redis backend, and finishes the chords that are complete.

Arguments: URL of the database, whether results are ordered ("yes" or "no").
Reads one JSON object per line: {"group", "task", "index", "state", "result", "body"}; a failed one raises ValueError(result).
Answers each with a line: the lists that bodies were sent with, as JSON, one list of them per line.
"""

import json
import logging
import sys

from celery import Celery
from celery.app.task import Context

url, ordered = sys.argv[1:]
logging.disable(logging.CRITICAL)
app = Celery(broker=url, backend=url)
app.conf.result_backend_transport_options = {"result_chord_ordered": ordered == "yes"}
sent = []


@app.task(name="peer.body")
def body(results):
    """Never run: what it is sent with is written down instead."""


body.apply_async = lambda args=None, kwargs=None, **options: sent.append(args[0])

for line in sys.stdin:
    part = json.loads(line)
    request = Context(
        id=part["task"],
        group=part["group"],
        group_index=part["index"],
        chord=body.s().set(task_id=part["body"]),
    )
    failed = part["state"] != "SUCCESS"
    result = ValueError(part["result"]) if failed else part["result"]
    app.backend.on_chord_part_return(request, part["state"], result)
    print(json.dumps(sent), flush=True)
    sent.clear()
