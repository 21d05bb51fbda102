"""What gunicorn is told beside its command line (`--config python:backend.serving`): how lines are written."""

from backend import logs
from backend.settings import Settings

logconfig_dict = logs.configuration(Settings().log_level)
