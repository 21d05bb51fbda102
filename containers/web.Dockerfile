# The site: pages, /api/ and the panel. From the repository's root: docker build -f containers/web.Dockerfile .
# Base images are pinned by version; who wants them by digest gives theirs: --build-arg BASE=python@sha256:…
ARG BASE=python:3.11.14-slim-bookworm

FROM ${BASE} AS packages
ENV PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /app
COPY scripts/environment.py scripts/
COPY requirements requirements
RUN python3 scripts/environment.py web

FROM ${BASE}
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    USER=meter \
    METER_HOST=0.0.0.0 \
    METER_PORT=5000 \
    METER_INSTANCE=/data/instance \
    METER_STATIC=/data/static \
    METER_EMBEDDED_WORKER=false
WORKDIR /app
# Volumes take their owner from these folders; a numeric user needs no entry in /etc/passwd.
RUN install --directory --owner=10001 --group=10001 /data /data/instance /data/static /data/files /data/imports
COPY --from=packages /app/.venv .venv
COPY migrations migrations
COPY scripts/__init__.py scripts/container.py scripts/healthy.py scripts/
COPY training training
COPY backend backend
COPY static static
COPY frontend frontend
RUN python3 -m compileall -q backend scripts
USER 10001:10001
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=5s --start-period=180s --retries=3 \
    CMD ["python3", "-m", "scripts.healthy", "web"]
CMD ["python3", "-m", "scripts.container"]
