"""The same chords and chains with Celery: its tasks for `celery -A bench_chord worker`, and a client that times them.

As a program it reads lines `chord <n>` and `chain <n>` and answers each with milliseconds. Broker, result store and
queue come from CELERIAC_BENCH_URL and CELERIAC_BENCH_QUEUE.
"""
import os
import sys
import time

from celery import Celery, chain, chord

URL = os.environ["CELERIAC_BENCH_URL"]

app = Celery("bench_chord", broker=URL, backend=URL)
app.conf.update(task_default_queue=os.environ["CELERIAC_BENCH_QUEUE"], broker_connection_retry_on_startup=True)


@app.task(name="bench.part")
def part(value):
    return value


@app.task(name="bench.total")
def total(values):
    return sum(values)


def run_chord(size):
    value = chord([part.s(index) for index in range(size)])(total.s()).get(timeout=120)
    assert value == size * (size - 1) // 2, value


def run_chain(steps):
    assert chain(part.s(1), *[part.s() for _ in range(steps - 1)])().get(timeout=120) == 1


def main():
    runs = {"chord": run_chord, "chain": run_chain}
    for line in sys.stdin:
        what, count = line.split()
        start = time.perf_counter()
        runs[what](int(count))
        print((time.perf_counter() - start) * 1000, flush=True)


if __name__ == "__main__":
    main()
