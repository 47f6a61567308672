"""pytest plugin: Celery's integration suite against workers in processes of their own.

The suite's fixture `celery_session_worker` starts a Python worker inside the pytest process. Its conftest takes the
fixture from `celery.contrib.pytest`, so replacing it there, before the conftest is read, puts any workers in its place:
the commands in CELERIAC_SUITE_WORKERS, a JSON list of lists in which "{nodename}" stands for the name of the node. The
first gets the name that the suite expects.

The suite's own app gets the settings in CELERIAC_SUITE_SETTINGS, a JSON object, as the workers do.

What became of each test is written to CELERIAC_SUITE_RESULTS: one line "outcome test-id" each, sorted by id.
"""
import contextlib
import gc
import json
import os
import signal
import subprocess
import time

import celery.contrib.pytest as celery_pytest
import celery.contrib.testing.app as celery_testing
import pytest
from celery.contrib.testing.manager import ManagerMixin
from celery.utils.nodenames import anon_nodename

START_SECONDS = 60
STOP_SECONDS = 20
IDLE_SECONDS = 30
IDLE_PAUSE_SECONDS = 0.05
#: Longest time for one test, whatever it asks for: a worker that lacks a feature leaves tests waiting.
TEST_SECONDS = float(os.environ.get("CELERIAC_SUITE_TEST_SECONDS", "60"))
REPEAT_SECONDS = 1

celery_testing.DEFAULT_TEST_CONFIG.update(json.loads(os.environ.get("CELERIAC_SUITE_SETTINGS", "{}")))


def pytest_collection_modifyitems(config, items):
    """Leaves out the tests that CELERIAC_SUITE_DESELECT names, a JSON list of ids."""
    ids = set(json.loads(os.environ.get("CELERIAC_SUITE_DESELECT", "[]")))
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in ids])
    items[:] = [item for item in items if item.nodeid not in ids]


#: Names of the workers that run.
nodenames = []


@pytest.fixture(scope="session")
def celery_session_worker(celery_session_app, celery_includes, celery_class_tasks):
    for module in celery_includes:
        celery_session_app.loader.import_task_module(module)
    for task in celery_class_tasks:
        celery_session_app.register_task(task)

    commands = json.loads(os.environ["CELERIAC_SUITE_WORKERS"])
    first = anon_nodename()
    nodenames[:] = [first, *(f"other{number}-{first}" for number in range(1, len(commands)))]
    with open(os.environ["CELERIAC_SUITE_WORKER_LOG"], "ab") as log, contextlib.ExitStack() as running:
        workers = []
        for nodename, command in zip(nodenames, commands):
            argv = [part.replace("{nodename}", nodename) for part in command]
            worker = subprocess.Popen(argv, stdout=log, stderr=log, start_new_session=True)
            running.callback(stop, worker)
            workers.append(worker)
        for nodename, worker in zip(nodenames, workers):
            wait_until_it_answers(celery_session_app, nodename, worker)
        yield workers[0]


def wait_until_it_answers(app, nodename, worker):
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if worker.poll() is not None:
            pytest.exit(f"{nodename} ended with code {worker.returncode} before it answered", returncode=2)
        if app.control.inspect(timeout=0.5, destination=[nodename]).ping():
            return
    pytest.exit(f"{nodename} did not answer a ping within {START_SECONDS} s", returncode=2)


def stop(worker):
    if worker.poll() is not None:
        return
    worker.send_signal(signal.SIGTERM)
    try:
        worker.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


def wait_until_idle(manager):
    """What the suite's manager does after each test, without listening a whole second for workers that nobody knows."""
    with manager.app.connection_for_write() as connection:
        while manager.app.control.purge(connection=connection):
            pass
    inspect = manager.app.control.inspect(destination=nodenames)
    until = time.monotonic() + IDLE_SECONDS
    while time.monotonic() < until:
        answers = [inspect.active() or {}, inspect.reserved() or {}]
        if all(answer.get(nodename) == [] for answer in answers for nodename in nodenames):
            return
        time.sleep(IDLE_PAUSE_SECONDS)
    raise TimeoutError(f"the workers were not idle after {IDLE_SECONDS} s")


celery_pytest.celery_session_worker = celery_session_worker
ManagerMixin.wait_until_idle = wait_until_idle


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    """Results that an interrupted test left behind unsubscribe when collected: not while the next one counts channels."""
    gc.collect()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    """A time limit that strikes again: one that falls into a subtest ends only that, and the next would wait for ever."""
    mark = item.get_closest_marker("timeout")
    asked = (mark.kwargs.get("timeout") or mark.args[0]) if mark else TEST_SECONDS
    seconds = min(asked, TEST_SECONDS)

    def strike(signum, frame):
        pytest.fail(f"took longer than {seconds} s")

    signal.signal(signal.SIGALRM, strike)
    signal.setitimer(signal.ITIMER_REAL, seconds, REPEAT_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


#: The worst report of a test decides: setup, call, teardown and every subtest make one each.
SEVERITY = ("passed", "skipped", "xfailed", "xpassed", "failed")
outcomes = {}


def pytest_runtest_logreport(report):
    if hasattr(report, "wasxfail"):
        outcome = "xpassed" if report.passed else "xfailed"
    else:
        outcome = report.outcome
    outcomes[report.nodeid] = max(outcome, outcomes.get(report.nodeid, "passed"), key=SEVERITY.index)


def pytest_sessionfinish():
    with open(os.environ["CELERIAC_SUITE_RESULTS"], "w", encoding="utf-8") as results:
        results.writelines(f"{outcome} {test}\n" for test, outcome in sorted(outcomes.items()))
