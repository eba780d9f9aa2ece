#!/usr/bin/env bash
# Measure the suite beside what the same machine does in the same run for a bare app and for a naive suite.
set -euo pipefail
cd "$(dirname "$0")/.."

export VENV=${VENV:-.venv}
./run.sh install tests/requirements.txt # the client that waits for the suite is the tests' own
exec "$VENV/bin/python" -m benchmarks "$@"
