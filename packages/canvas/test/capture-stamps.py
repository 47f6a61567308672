"""Stamped signatures as Celery makes them, as JSON: `capture-stamps.py > vectors/stamps.json`. No server is needed.

Left out, because Celeriac differs there on purpose (README, "Guarantees and limits"): chords stamped without a visitor,
visitors that stamp siblings differently.
"""
import copy
import json
import sys

import celery
from celery import Celery, chain, chord, group, signature
from celery.canvas import StampingVisitor

app = Celery('capture', broker='memory://', backend='cache+memory://', set_as_current=True)


def t(name, *args):
    return signature(name, args=args, app=app)


def linked():
    task = t('a', 1)
    task.link(t('after'))
    task.link_error(t('failed'))
    return task


def stamped(task, **stamps):
    task.stamp(**stamps)
    return task


WORKFLOWS = {
    'task': lambda: t('a', 1),
    'stamped-task': lambda: stamped(t('a', 1), own='mine', on='task'),
    'linked-task': linked,
    'chain': lambda: chain(t('a', 1), linked(), t('c')),
    'group': lambda: group(t('a', 1), linked()),
    'chord': lambda: chord([t('a', 1), linked()], t('sum'), app=app),
    'chord-chain-body': lambda: chord([t('a', 1)], chain(t('sum'), t('c')), app=app),
    'nested': lambda: chain(t('a', 1), group(t('b'), chain(t('c'), linked())), t('sum'), group(t('d'), t('e'))),
    'chord-in-chord': lambda: chord([chord([t('a')], t('sum'), app=app), stamped(t('b'), on='b')], t('sum'), app=app),
    'map': lambda: app.tasks['celery.accumulate'].map([[1]]),
}
HOOKS = {
    'onSignature': 'on_signature', 'onGroupStart': 'on_group_start', 'onChainStart': 'on_chain_start',
    'onChordHeaderStart': 'on_chord_header_start', 'onChordBody': 'on_chord_body',
    'onCallback': 'on_callback', 'onErrback': 'on_errback',
}
VISITORS = [
    {'onSignature': {'on': 'signature'}},
    {'onSignature': {'on': 'signature', 'list': ['x', 'y']}, 'onChordBody': {'on': 'body'}, 'onCallback': {'on': 'callback'},
     'onErrback': {'on': 'errback'}},
    {'onSignature': {}, 'onGroupStart': {'in_group': 'g'}, 'onChainStart': {'in_chain': 'c'}},
    {'onSignature': {'s': 's'}, 'onGroupStart': {'in_group': 'g'}, 'onChainStart': {'in_chain': 'c'}, 'onChordHeaderStart': {'in_header': 'h'},
     'onChordBody': {'in_body': 'b'}, 'onCallback': {'linked': 'l'}, 'onErrback': {'guard': 'e'}},
]
STAMPS = [{'on': 'plain'}, {'on': 'plain', 'list': ['x']}]


def visitor_of(answers):
    def method(answer):
        return lambda self, *_, **__: copy.deepcopy(answer)
    methods = {HOOKS[name]: method(answer) for name, answer in answers.items()}
    return type('Visitor', (StampingVisitor,), methods)()


def plain(sig):
    return json.loads(json.dumps(sig))


cases = []
for name, build in WORKFLOWS.items():
    for append in (False, True):
        for answers in VISITORS:
            sig = build()
            before = plain(sig)
            sig.stamp(visitor_of(answers), append_stamps=append)
            cases.append({'name': name, 'workflow': before, 'visitor': answers, 'append': append, 'stamped': plain(sig)})
        for stamps in STAMPS:
            if 'chord' in name or name == 'nested':
                continue
            sig = build()
            before = plain(sig)
            sig.stamp(append_stamps=append, **copy.deepcopy(stamps))
            cases.append({'name': name, 'workflow': before, 'stamps': stamps, 'append': append, 'stamped': plain(sig)})

sys.stdout.write(json.dumps({'celery': celery.__version__, 'cases': cases}) + '\n')
