# A worker: does trainings, imports and generation from the queue, on a CPU. Needs what the site needs, and Chromium:
# an export becomes a version only when a real browser reads alike. Build it as containers/web.Dockerfile.
ARG BASE=python:3.11.14-slim-bookworm

FROM ${BASE} AS packages
ENV PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /app
COPY scripts/environment.py scripts/
COPY requirements.txt ./
COPY requirements requirements
RUN python3 scripts/environment.py train browser

FROM ${BASE}
# Not pinned: Debian keeps only the newest security update of a browser.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends chromium libatomic1 \
    && rm -rf /var/lib/apt/lists/*
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    USER=meter \
    CHROMIUM=/app/containers/chromium \
    METER_INSTANCE=/data/instance \
    METER_STATIC=/data/static
WORKDIR /app
RUN install --directory --owner=10001 --group=10001 /data /data/instance /data/static /data/files /data/imports
COPY --from=packages /app/.venv .venv
COPY containers/chromium containers/
COPY migrations migrations
COPY scripts/__init__.py scripts/browser.py scripts/healthy.py scripts/
COPY training training
COPY backend backend
COPY static static
COPY frontend frontend
RUN python3 -m compileall -q backend scripts training
USER 10001:10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=180s --retries=3 \
    CMD ["python3", "-m", "scripts.healthy", "worker"]
CMD ["python3", "-m", "flask", "--app", "backend", "worker"]
