#!/bin/sh
# Install Docker Engine and Compose on Ubuntu and Debian, from the distribution's own packages:
#   sh install.sh
# It may be run again at any time: what is there already is left as it is.
set -eu

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

elsewhere() {
  cat >&2 <<'TEXT'
install.sh: this script knows Ubuntu and Debian.

On macOS and Windows install Docker Desktop, which brings Compose: https://docs.docker.com/get-docker/
On other Linux systems follow https://docs.docker.com/engine/install/ and install the Compose plugin.
Without Docker, ./run.sh needs nothing but Python 3.11 or newer.
TEXT
  exit 1
}

check_system() {
  release=${OS_RELEASE:-/etc/os-release} # the tests have others
  [ -r "$release" ] || elsewhere
  # shellcheck source=/dev/null
  system=$(. "$release" && echo "${ID:-} ${ID_LIKE:-}")
  case " $system " in *" debian "* | *" ubuntu "*) ;; *) elsewhere ;; esac
}

find_root() {
  if [ "$(id -u)" = 0 ]; then
    as_root() { "$@"; }
  elif command -v sudo >/dev/null; then
    as_root() { sudo "$@"; }
  else
    fail "needs root: run it as root, or install sudo"
  fi
}

has_compose() { docker compose version >/dev/null 2>&1 || docker-compose version >/dev/null 2>&1; }
is_offered() { apt-cache policy "$1" 2>/dev/null | grep 'Candidate: [^(]' >/dev/null; }

install_packages() {
  if command -v docker >/dev/null && has_compose; then
    say "Docker and Compose are installed already."
    return
  fi
  as_root apt-get update -qq
  packages=""
  if ! command -v docker >/dev/null; then
    packages="docker.io"
    # from Debian 13 on, the command is a package of its own
    if is_offered docker-cli; then packages="$packages docker-cli"; fi
  fi
  if ! has_compose; then
    # with version 2, images are built by this
    if is_offered docker-buildx; then packages="$packages docker-buildx"; fi
    # Ubuntu offers version 2 as docker-compose-v2; Debian as docker-compose, which was 1.29 until Debian 12
    if is_offered docker-compose-v2; then packages="$packages docker-compose-v2"; fi
    if is_offered docker-compose; then packages="$packages docker-compose"; fi
  fi
  say "Installing:$([ -n "$packages" ] && printf ' %s' "$packages")"
  # shellcheck disable=SC2086 # a list of names
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages iptables ca-certificates
  has_compose || fail "Docker is installed, but this system offers no Compose; see https://docs.docker.com/compose/install/"
}

start_engine() {
  if [ -d /run/systemd/system ]; then
    as_root systemctl enable --now docker
  elif ! docker info >/dev/null 2>&1; then
    say "No service manager runs here: start the engine yourself (dockerd) before docker-compose up."
  fi
}

# Who may talk to the engine is root on this machine: that is what the group means.
admit_user() {
  user=${SUDO_USER:-$(id -un)}
  if [ "$user" != root ] && ! id -nG "$user" | tr ' ' '\n' | grep -x docker >/dev/null; then
    as_root usermod -aG docker "$user"
    say "$user may use Docker after the next log-in; restarting the machine does it too."
  fi
}

say_how_to_start() {
  compose="docker compose"
  $compose version >/dev/null 2>&1 || compose="docker-compose"
  cat <<TEXT

Done. Start the suite with

  $compose up

and open http://localhost. Should port 80 be taken: GATEWAY_PORT=8080 $compose up
TEXT
}

main() {
  check_system
  find_root
  install_packages
  start_engine
  admit_user
  say_how_to_start
}

# Below all that it calls: of a script that was fetched in part, nothing is done.
main; exit
