#!/bin/sh
# Start nginx in the place of this shell: sh local/nginx.sh NGINX VAR
set -eu

# A master that is killed alone leaves its worker, which goes on answering and holds the port. It is in the master's
# process group, and ends when it has answered what it has in hand. nginx removes this file when it ends by itself.
master=$2/run/nginx.pid
if [ -s "$master" ]; then
  kill -s QUIT -- "-$(cat "$master")" 2>/dev/null || true # as a rule, there is none
  rm "$master"
fi
unset NGINX # a variable of this name tells nginx of sockets that it inherits; ours is the path of the program
exec "$1" -p . -c "$2/nginx/nginx.conf" -e stderr
