"""`/metrics` for Prometheus: what was asked and how fast, what was read, what was sent, how the runs are.

With several web processes `serve` names a folder where each counts in files of its own, which any of them adds up.
Runs and the queue are asked of the database when somebody looks. Figures tell strangers about the site, so they are for
this machine only, unless a token is set (`METER_METRICS_TOKEN`): then for whoever has it (`Authorization: Bearer …`).
"""

from __future__ import annotations

import ipaddress
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from backend.database import reading_session
from backend.models import Run, RunState
from backend.settings import Settings, get_settings

SHARED = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client looks for it when it is imported
SECONDS = (0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5, 10)

REQUESTS = Counter("meter_requests", "Requests answered", ["endpoint", "method", "status"])
LATENCY = Histogram("meter_request_seconds", "Time to answer", ["endpoint"], buckets=SECONDS)
READINGS = Counter("meter_readings", "Pictures read here: accepted, doubtful, no_display, refused", ["outcome"])
FEEDBACK = Counter("meter_feedback", "Corrections sent: new, known, refused", ["outcome"])

blueprint = Blueprint("metrics", __name__)


def init_app(app: Flask) -> None:
    """Add the address."""
    app.register_blueprint(blueprint)


def prepare(settings: Settings) -> dict[str, str]:
    """Empty the folder in which the web processes count; returns the environment that tells them of it."""
    folder = settings.instance.resolve() / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return {SHARED: str(folder)}


@blueprint.get("/metrics")
def metrics() -> Response:
    """Tell the figures to who may see them."""
    if not allowed():
        abort(403, "Expected the token for the figures (Authorization: Bearer …), or a request from this machine.")
    registry = CollectorRegistry()
    registry.register(RunsCollector())
    figures = generate_latest(all_processes()) + generate_latest(registry)
    response = Response(figures, content_type=CONTENT_TYPE_LATEST)
    response.cache_control.no_store = True
    return response


def allowed() -> bool:
    """Tell whether the one who asks may see the figures."""
    token = get_settings().metrics_token
    if token:
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        return kind.lower() == "bearer" and secrets.compare_digest(given.strip().encode(), token.encode())
    return is_here(request.remote_addr) and not any(
        name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")
    )  # a proxy on this machine asks for others


def is_here(address: str | None) -> bool:
    """Tell whether an address is this machine's own."""
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def all_processes() -> CollectorRegistry:
    """What this process counted, or all of them together."""
    folder = os.environ.get(SHARED)
    if not folder or not Path(folder).is_dir():
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
    return registry


class RunsCollector(Collector):
    """Runs by their state, how many wait, and whether the database answers at all."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Ask the database."""
        try:
            with reading_session() as session:
                rows = session.execute(select(Run.state, func.count()).group_by(Run.state)).all()
        except DBAPIError:
            current_app.logger.exception("the database does not answer")
            yield GaugeMetricFamily("meter_database_up", "Whether the database answers", value=0)
            return
        yield GaugeMetricFamily("meter_database_up", "Whether the database answers", value=1)
        counts = {row[0]: row[1] for row in rows}
        runs = GaugeMetricFamily("meter_runs", "Trainings, generations and imports by state", labels=["state"])
        for state in RunState:
            runs.add_metric([state.value], counts.get(state.value, 0))
        yield runs
        waiting = counts.get(RunState.WAITING.value, 0)
        yield GaugeMetricFamily("meter_queue_length", "Runs that wait for a worker", value=waiting)
