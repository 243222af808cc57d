#!/usr/bin/env bash
# Installs what is missing, and only that. It starts no service and makes no system cluster.
#   scripts/setup.sh core   the programs of PostgreSQL and RabbitMQ, and libmongoc: the product, the demo, `make test`
#   scripts/setup.sh all    also what the foreign-client and browser tests of `make test-all` use
#   scripts/setup.sh bench  core, psql, and what the hand-written way of `make bench` is written with
set -euo pipefail

what=${1:-core}
case $what in core | all | bench) ;; *) echo "usage: $0 core|all|bench" >&2; exit 64 ;; esac

say() { echo "setup: $*" >&2; }

# --- what is there ---------------------------------------------------------------------------

has_postgres() {
  local folder
  for folder in "${QUALITY_POSTGRES_BIN:-}" /usr/lib/postgresql/*/bin {/opt/homebrew,/usr/local,/home/linuxbrew/.linuxbrew}/opt/postgresql*/bin; do
    [[ -n $folder && -x $folder/initdb && -x $folder/pg_ctl && -x $folder/postgres ]] && return
  done
  command -v initdb >/dev/null && command -v pg_ctl >/dev/null && command -v postgres >/dev/null
}

has_mongoc() {
  # Debian keeps ldconfig off an ordinary user's PATH.
  # Not grep -q: it would leave early, and pipefail would take ldconfig's broken pipe for an answer.
  PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null | grep -E 'libmongoc(-1\.0|2)\.so' >/dev/null \
    || compgen -G '/opt/homebrew/lib/libmongoc*.dylib' >/dev/null || compgen -G '/usr/local/lib/libmongoc*' >/dev/null
}

# Debian's wrapper in /usr/sbin lets only root and its own user in; the program behind it runs for anyone.
has_rabbitmq() {
  local folder
  for folder in "${QUALITY_RABBITMQ_BIN:-}" /usr/lib/rabbitmq/bin {/opt/homebrew,/usr/local,/home/linuxbrew/.linuxbrew}/opt/rabbitmq/sbin; do
    [[ -n $folder && -x $folder/rabbitmq-server ]] && return
  done
  command -v rabbitmq-server >/dev/null
}

has_module() { /usr/bin/python3 -c "import $1" >/dev/null 2>&1; }

has_chromium() { command -v chromium chromium-browser google-chrome >/dev/null; }

# --- how it is installed ---------------------------------------------------------------------

as_root=()
can_install() {
  command -v apt-get >/dev/null || return 1
  ((EUID == 0)) && return
  as_root=(sudo -n)
  sudo -n true 2>/dev/null
}

updated=
update() {
  [[ -z $updated ]] || return 0
  updated=yes
  "${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=300 update >&2
}

exists() { [[ $(apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: //p') =~ ^[^\(]+$ ]]; }

# The first of the names that this release has: Debian 13 renamed libmongoc.
choose() {
  local name
  for name in "$@"; do exists "$name" && { echo "$name"; return; }; done
  update || true
  for name in "$@"; do exists "$name" && { echo "$name"; return; }; done
  say "no package $* here: check apt's sources"
  return 1
}

apt_install() {
  say "installing $*"
  local command=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1
    apt-get -y -q -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@")
  # Lists that are old name versions that the mirror no longer has.
  "${command[@]}" >&2 </dev/null || { update && "${command[@]}" >&2 </dev/null; }
}

# Debian starts what it installs unless this file says no; one that is there already has its reasons.
policy=/usr/sbin/policy-rc.d
forbid_services() {
  [[ ! -e $policy ]] || return 0
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod +x "$policy"
}

install_postgres() {
  local conf=/etc/postgresql-common/createcluster.conf
  # The common package brings the file and makes no cluster; a line that someone wrote is left as it is.
  apt_install "$(choose postgresql-common)"
  if ! grep -qsE '^ *create_main_cluster' "$conf"; then
    say "writing create_main_cluster = false to $conf: the embedded server needs PostgreSQL's programs only"
    echo 'create_main_cluster = false' | "${as_root[@]}" tee -a "$conf" >/dev/null
  fi
  apt_install "$(choose postgresql)"
}

# The package, and the Erlang that comes with it, start services at every boot: those that were not here before are switched off again.
install_rabbitmq() {
  local unit new=()
  for unit in rabbitmq-server.service epmd.service epmd.socket; do
    [[ -e /lib/systemd/system/$unit || -e /usr/lib/systemd/system/$unit ]] || new+=("$unit")
  done
  apt_install "$(choose rabbitmq-server)"
  for unit in "${new[@]}"; do
    [[ ! -d /run/systemd/system ]] || "${as_root[@]}" systemctl --quiet disable --now "$unit" >&2
    # Also where systemd does not run, as in an image that is being built: the links would wait for the day it does.
    "${as_root[@]}" rm -f /etc/systemd/system/*.wants/"$unit"
  done
  [[ " ${new[*]} " != *" rabbitmq-server.service "* || ! -e /etc/init.d/rabbitmq-server ]] || "${as_root[@]}" update-rc.d rabbitmq-server disable >&2
  say "RabbitMQ's programs are installed, its service is not enabled: quality starts brokers of its own"
}

install_mongoc() { apt_install "$(choose libmongoc-1.0-0 libmongoc-1.0-0t64 libmongoc2-2 libmongoc2)"; }

# --- what is missing -------------------------------------------------------------------------

command -v dotnet >/dev/null || { say "the .NET 10 SDK is missing: https://dotnet.microsoft.com/download/dotnet/10.0"; exit 2; }

missing=()
has_postgres || missing+=(postgres)
has_mongoc || missing+=(mongoc)
has_rabbitmq || missing+=(rabbitmq)
extras=()
if [[ $what == all ]]; then
  has_module pymongo || extras+=(python3-pymongo)
  has_module bson || extras+=(python3-bson)
  has_module jsonschema || extras+=(python3-jsonschema)
  has_module yaml || extras+=(python3-yaml)
  has_chromium || extras+=(chromium)
  command -v node >/dev/null || extras+=(nodejs)
  command -v npm >/dev/null || extras+=(npm)
fi
if [[ $what == bench ]]; then
  has_module pymongo || extras+=(python3-pymongo)
  has_module psycopg2 || extras+=(python3-psycopg2)
fi
((${#missing[@]} + ${#extras[@]})) || exit 0

if ! can_install; then
  say "missing: ${missing[*]} ${extras[*]}"
  if command -v apt-get >/dev/null; then
    say "run this, then try again:  sudo scripts/setup.sh $what"
  elif command -v brew >/dev/null; then
    say "run this, then try again:  brew install postgresql@17 mongo-c-driver rabbitmq"
  else
    say "install PostgreSQL's server programs (initdb, pg_ctl, postgres), libmongoc, the MongoDB C driver, and rabbitmq-server with this system's package manager"
    say "do not start their services: quality runs servers of its own"
  fi
  # Without the extras their tests skip, and fail in CI.
  ((${#missing[@]})) || [[ ${CI:-} == true ]] && exit 2
  exit 0
fi

forbid_services
for name in "${missing[@]}"; do "install_$name" || { say "$name could not be installed: see above"; exit 2; }; done
for name in "${extras[@]}"; do
  name=$(choose "$name") && apt_install "$name" || { say "without it, its tests skip"; [[ ${CI:-} != true ]] || exit 2; }
done

has_postgres || { say "PostgreSQL's programs are still not found: set QUALITY_POSTGRES_BIN to their folder"; exit 2; }
has_mongoc || { say "libmongoc is still not found by ldconfig"; exit 2; }
has_rabbitmq || { say "rabbitmq-server is still not found: set QUALITY_RABBITMQ_BIN to its folder"; exit 2; }
