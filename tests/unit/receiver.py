"""The receiver as a program: ``flask --app tests.unit.receiver worker``, with DATA_DIR and REDIS_URL."""

from __future__ import annotations

import os
from pathlib import Path

from tests.unit.services import RECEIVER, Service

service = Service(RECEIVER, Path(os.environ["DATA_DIR"]), LOG_LEVEL="INFO")
app = service.app
