"""Random workflows and what Celery sends for them, as JSON: `capture.py SEED COUNT > vectors/random.json`.

Left out, because Celeriac differs there on purpose (README, "Guarantees and limits"): groups inside groups and headers,
two groups in a row within a chain, callbacks on composites that end in a composite.
No server is needed: what would be published or stored is recorded instead.
"""
import json
import random
import sys
import warnings

import celery
import celery.result
from celery import Celery, chain, chord, group, signature
from celery.backends.redis import RedisBackend
from celery.result import GroupResult

warnings.simplefilter('ignore')
app = Celery('capture', broker='memory://', backend='redis://localhost:1/0', set_as_current=True)
recorded = []


def save_group(self, header_result_args, body, **_):
    if any(isinstance(result, GroupResult) for result in header_result_args[1]):
        recorded.append({'kind': 'saveGroup', 'group': header_result_args[0]})


def publish(producer, name, message, **options):
    queue = options.get('queue')
    recorded.append({
        'kind': 'publish',
        'headers': {key: message.headers[key] for key in ('id', 'task', 'group', 'group_index', 'root_id', 'parent_id')},
        'queue': getattr(queue, 'name', queue),
        'body': message.body,
    })


RedisBackend.set_chord_size = lambda self, gid, size: recorded.append({'kind': 'setChordSize', 'group': gid, 'size': size})
RedisBackend.apply_chord = save_group
RedisBackend.on_task_call = lambda *_: None
RedisBackend.add_pending_result = lambda *_, **__: None
celery.result.AsyncResult.then = lambda *_, **__: None
app.amqp.__class__.send_task_message = property(lambda _: publish)

dice = random.Random(int(sys.argv[1]))
count = 0


def leaf():
    global count
    count += 1
    task = signature('t%d' % count, args=[count], immutable=dice.random() < .15, app=app)
    roll = dice.random()
    if roll < .1:
        task.set(queue='q%d' % dice.randint(1, 3))
    elif roll < .2:
        task.link(signature('after', app=app))
    elif roll < .3:
        task.link_error(signature('failed', app=app))
    return task


def member(depth):
    while True:
        workflow = compose(depth)
        if not isinstance(workflow, group):
            return workflow


def compose(depth):
    roll = dice.random()
    if depth <= 0 or roll < .3:
        workflow = leaf()
    elif roll < .55:
        workflow = chain(*[compose(depth - 1) for _ in range(dice.randint(2, 4))])
    elif roll < .8:
        workflow = group([member(depth - 1) for _ in range(dice.randint(1, 3))])
    else:
        workflow = chord([member(depth - 1) for _ in range(dice.randint(1, 3))], compose(depth - 1), app=app)
    if dice.random() < .1:
        workflow.on_error(signature('watch%d' % dice.randint(1, 3), app=app))
    return workflow


def is_excepted(workflow):
    """Two groups in a row, anywhere."""
    if isinstance(workflow, list):
        return any(map(is_excepted, workflow))
    if not isinstance(workflow, dict):
        return False
    tasks = workflow.get('kwargs', {}).get('tasks', []) if workflow.get('subtask_type') == 'chain' else []
    if any(task['subtask_type'] == 'group' for task in tasks[:-1]):
        return True
    return any(map(is_excepted, workflow.values()))


cases = []
while len(cases) < int(sys.argv[2]):
    count = 0
    workflow = compose(3)
    source = json.loads(json.dumps(workflow))
    if not source['subtask_type'] or is_excepted(source) or count > 12:
        continue
    args = [7] if dice.random() < .3 else []
    recorded.clear()
    workflow.apply_async(args)
    cases.append({'workflow': source, 'args': args, 'sent': list(recorded)})

text = json.dumps({'celery': celery.__version__, 'seed': int(sys.argv[1]), 'cases': cases}, default=list)
sys.stdout.write(text + '\n')
