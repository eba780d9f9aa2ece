#!/usr/bin/env bash
# Write the locked requirements anew, with hashes, from the short *.in files. Needs uv (pip install uv).
set -euo pipefail
cd "$(dirname "$0")"

main() {
  local file
  for file in requirements dashboard/requirements postgresql/requirements local/requirements local/servers tests/requirements; do
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
      --custom-compile-command ./lock.sh "$file.in" --output-file "$file.txt" "$@"
  done
}

main "$@"; exit # on one line, for who changes this file meanwhile: bash reads it bit by bit
