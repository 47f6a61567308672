"""`measure-sizes.py > vectors/sizes.json`: bytes of the messages that Celery sends for the workflows of `support/measured-workflows.ts`:
first messages, and all until the end, as workers that only add numbers would send them. Nothing is published and no server is needed.
"""
import json
import sys
import warnings
from collections import deque

import celery
import celery.result
from celery import Celery, chain, chord, signature
from celery.backends.redis import RedisBackend

warnings.simplefilter('ignore')
app = Celery('measure', broker='memory://', backend='redis://localhost:1/0', set_as_current=True)
sizes, queue, waiting, total = [], deque(), {}, {}


def publish(producer, name, message, **options):
    body = json.loads(json.dumps(message.body))
    sizes.append(len(json.dumps(message.body)) + len(json.dumps(message.headers)))
    queue.append((message.headers, body[2]))


def set_size(self, group, size):
    waiting[group] = total[group] = size


RedisBackend.set_chord_size = set_size
RedisBackend.apply_chord = lambda *_, **__: None
RedisBackend.on_task_call = lambda *_: None
RedisBackend.add_pending_result = lambda *_, **__: None
celery.result.AsyncResult.then = lambda *_, **__: None
app.amqp.__class__.send_task_message = property(lambda _: publish)


def life(workflow):
    sizes.clear()
    workflow.apply_async()
    first = sum(sizes)
    while queue:
        headers, embed = queue.popleft()
        rest = embed['chain']
        parents = {'parent_id': headers['id'], 'root_id': headers['root_id']}
        if rest:
            signature(rest.pop(), app=app).apply_async((1,), chain=rest, **parents)
        body, group = embed['chord'], headers['group']
        if body and group in waiting:
            waiting[group] -= 1
            if waiting[group] == 0:
                signature(body, app=app).delay([1] * total[group])
    return {'messages': len(sizes), 'firstBytes': first, 'allBytes': sum(sizes), 'largestBytes': max(sizes)}


def add(*args):
    return signature('tasks.add', args=args, app=app)


WORKFLOWS = {
    'chain of 200': lambda: chain(add(1, 1), *[add(1) for _ in range(199)]),
    'chord of 1,000': lambda: chord([add(n, n) for n in range(1000)], signature('tasks.sum', app=app), app=app),
    'chain of 20 chords of 10': lambda: chain(
        add(1, 1), *[chord([add(n) for n in range(10)], signature('tasks.sum', app=app), app=app) for _ in range(20)]),
}
found = {name: life(build()) for name, build in WORKFLOWS.items()}
sys.stdout.write(json.dumps({'celery': celery.__version__, 'workflows': found}, indent=1) + '\n')
