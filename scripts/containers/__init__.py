"""The Dockerfiles and `compose.yaml` tried without a container engine: `python -m scripts.containers`."""
