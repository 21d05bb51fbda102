# Training on NVIDIA GPUs from a dataset folder, without any web part. Needs the NVIDIA Container Toolkit on the host:
# docker run --gpus all -v ./data:/data/dataset:ro -v ./runs:/data/runs IMAGE /data/dataset --runs /data/runs --name first
# A worker's image makes a version of what comes out, with python3 -m training.export: `export` in compose.yaml.
ARG BASE=python:3.11.14-slim-bookworm

FROM ${BASE} AS packages
ENV PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /app
COPY scripts/environment.py scripts/
COPY requirements.txt ./
COPY requirements requirements
RUN python3 scripts/environment.py train gpu

FROM ${BASE}
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    USER=meter \
    KERAS_BACKEND=jax \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
WORKDIR /app
RUN install --directory --owner=10001 --group=10001 /data /data/dataset /data/runs
COPY --from=packages /app/.venv .venv
COPY training training
COPY backend backend
# The networks that teach in training/configurations; no container has them from elsewhere.
COPY static/model/large/1/model.keras static/model/large/1/
COPY static/model/compact/5/model.keras static/model/compact/5/
RUN python3 -m compileall -q backend training
USER 10001:10001
HEALTHCHECK --interval=60s --timeout=10s --start-period=30s --retries=3 CMD ["nvidia-smi", "--list-gpus"]
ENTRYPOINT ["python3", "-m", "training.train"]
CMD ["--help"]
