"""The app that the `celery` command line loads: `celery -A celeriac_peer.app worker`.

All of its configuration comes from the variable CELERIAC_PEER_CONF: one JSON object of Celery settings.
"""
import json
import os

from celery import Celery

from celeriac_peer.tasks import register


def build_app(conf):
    """An app with the interop tasks. `conf` are Celery settings by their lower-case names."""
    app = Celery("celeriac_peer", set_as_current=True)
    app.conf.update({"broker_connection_retry_on_startup": True, **conf})
    register(app)
    return app


app = build_app(json.loads(os.environ.get("CELERIAC_PEER_CONF", "{}")))
