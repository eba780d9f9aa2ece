#!/usr/bin/env bash
# Run the tests on a fresh machine with Python 3.11 or newer; what they need is set up in .venv.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
  cat <<'TEXT'
./test.sh                         everything but the containers, the unit and end-to-end tests first (15 minutes)
./test.sh unit|e2e|chaos|browser  some of them
./test.sh lessons                 each command of the lessons; LESSONS_WITH=docker-compose in containers
./test.sh exercises               the exercises of docs/lessons, made in copies of the project
./test.sh postgresql              the same suite on a PostgreSQL server of its own
./test.sh containers              the compose file in a Docker engine
./test.sh lint                    ruff, mypy, shellcheck
Arguments after that go to pytest: ./test.sh e2e -k order
GATEWAY_URL=http://localhost ./test.sh e2e runs the tests against a suite that runs already.
TEXT
}

lint() {
  ruff check .
  ruff format --check .
  mypy
  # .ci/run and the scripts have no common ending, so git tells which files start with a shell's name
  git ls-files | while read -r file; do
    if head -c 64 "$file" | grep -aqE '^#!.*[/ ](sh|bash)$'; then printf '%s\n' "$file"; fi
  done | xargs shellcheck
}

main() {
  export VENV=${VENV:-.venv}
  ./run.sh install tests/requirements.txt
  PATH=$(cd "$VENV" && pwd)/bin:$PATH # VENV may be a whole path

  local suite=${1:-all} part
  [ $# -eq 0 ] || shift
  case $suite in
    all)
      for part in unit e2e chaos browser lessons exercises postgresql; do
        echo "== $part"
        python -m pytest "tests/$part" "$@"
      done
      ;;
    unit | e2e | chaos | browser | lessons | exercises | postgresql | containers) python -m pytest "tests/$suite" "$@" ;;
    lint) lint ;;
    -h | --help | help) usage ;;
    -*) python -m pytest "$suite" "$@" ;;
    *) usage >&2; exit 2 ;;
  esac
}

# On one line: bash reads a script bit by bit, and this one may have been changed by the time that the tests end.
main "$@"; exit
