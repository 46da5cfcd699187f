#!/bin/sh
# Runs two replicas, HAProxy, Redis and PostgreSQL on loopback, with all their files in one directory.
#
#   scale-out.sh up            creates the directory and starts everything
#   scale-out.sh start NAME    starts one program: postgresql, redis, a, b, haproxy
#   scale-out.sh stop NAME     stops it cleanly
#   scale-out.sh kill NAME     kills it, as in a crash
#   scale-out.sh down          stops everything
#
# Needs user-info, haproxy, redis-server, and initdb, pg_ctl and psql of PostgreSQL on the PATH. Variables for directory and ports:
# FOLDER, PROXY_PORT, A_PORT, B_PORT, A_ADMINISTRATION_PORT, B_ADMINISTRATION_PORT, REDIS_PORT, PGPORT.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${FOLDER:-$PWD/scale-out}
export PROXY_PORT="${PROXY_PORT:-8443}" A_PORT="${A_PORT:-9001}" B_PORT="${B_PORT:-9002}"
export A_ADMINISTRATION_PORT="${A_ADMINISTRATION_PORT:-9091}" B_ADMINISTRATION_PORT="${B_ADMINISTRATION_PORT:-9092}"
export REDIS_PORT="${REDIS_PORT:-6379}" PGPORT="${PGPORT:-5432}"

# PostgreSQL does not run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then setpriv --reuid postgres --regid postgres --clear-groups "$@"; else "$@"; fi
}

make_folder() {
  umask 077
  mkdir -p "$folder/secrets"
  chmod 711 "$folder"
  for name in immuta postgresql redis cache-key; do
    [ -e "$folder/secrets/$name" ] || openssl rand -hex 32 > "$folder/secrets/$name"
  done
  # The password is in a file, because every user of the machine can read the arguments of a process.
  printf 'bind 127.0.0.1\nsave ""\nrequirepass %s\n' "$(cat "$folder/secrets/redis")" > "$folder/secrets/redis.conf"
  cp "$here/user-info.yaml" "$folder/user-info.yaml"
  mkdir -p "$folder/postgresql"
  [ "$(id -u)" != 0 ] || chown postgres:postgres "$folder/postgresql"
  if [ ! -e "$folder/postgresql/data" ]; then
    as_postgres initdb -D "$folder/postgresql/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync > "$folder/initdb.log"
    printf '%s\n' 'local all postgres trust' 'host all user_info_reader 127.0.0.1/32 scram-sha-256' |
      as_postgres tee "$folder/postgresql/data/pg_hba.conf" > "$folder/hba.log"
  fi
}

fill_database() {
  psql_here() { as_postgres psql -q -h "$folder/postgresql" -U postgres -v ON_ERROR_STOP=1 "$@"; }
  [ "$(psql_here -At -c "SELECT 1 FROM pg_database WHERE datname = 'identity'")" = 1 ] && return
  psql_here -c 'CREATE DATABASE identity'
  psql_here identity < "$here/../sql/postgresql.sql"
  printf "ALTER ROLE user_info_reader PASSWORD '%s';\n" "$(cat "$folder/secrets/postgresql")" | psql_here identity
}

# Starts a program in the background. $1: its name; the rest: the command line.
launch() {
  name=$1
  shift
  cd "$folder"
  "$@" > "$folder/$name.log" 2>&1 < /dev/null &
  echo $! > "$folder/$name.pid"
}

# Passes the settings of one replica, which are not in the shared file, as variables. $1 and $2: its ports.
replica_environment() {
  export USER_INFO__LISTENER__PORT="$1" USER_INFO__ADMINISTRATION__PORT="$2"
  export USER_INFO__SOURCE__CONNECTION__PORT="$PGPORT" USER_INFO__GUARDS__CACHE__SHARED__URL="redis://127.0.0.1:$REDIS_PORT"
}

start() {
  case $1 in
    postgresql)
      as_postgres pg_ctl -s -w -D "$folder/postgresql/data" -l "$folder/postgresql/server.log" \
        -o "-p $PGPORT -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder/postgresql" start
      head -n 1 "$folder/postgresql/data/postmaster.pid" > "$folder/postgresql.pid" ;;
    redis) launch redis redis-server secrets/redis.conf --port "$REDIS_PORT" ;;
    a) (replica_environment "$A_PORT" "$A_ADMINISTRATION_PORT" && launch a user-info serve --config user-info.yaml) ;;
    b) (replica_environment "$B_PORT" "$B_ADMINISTRATION_PORT" && launch b user-info serve --config user-info.yaml) ;;
    haproxy) launch haproxy haproxy -db -f "$here/haproxy.cfg" ;;
    *) echo "scale-out.sh: unknown program $1. Use postgresql, redis, a, b or haproxy." >&2 && exit 2 ;;
  esac
}

# Stops a program. $1: its name, $2: the signal.
end() {
  [ -e "$folder/$1.pid" ] || return 0
  pid=$(cat "$folder/$1.pid")
  rm "$folder/$1.pid"
  kill "-$2" "$pid" 2> /dev/null || return 0
  tries=0
  while kill -0 "$pid" 2> /dev/null && [ $tries -lt 300 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
}

# A running replica responds with 401 without credentials.
asks_for_credentials() {
  [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$PROXY_PORT/user-info")" = 401 ]
}

until_true() {
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || { echo "scale-out.sh: the programs did not become ready. See $folder/*.log." >&2 && exit 1; }
    sleep 0.2
  done
}

case ${1:-} in
  up)
    make_folder
    start postgresql
    fill_database
    for name in redis a b; do start $name; done
    until_true curl -sf -o /dev/null "http://127.0.0.1:$A_ADMINISTRATION_PORT/readyz"
    until_true curl -sf -o /dev/null "http://127.0.0.1:$B_ADMINISTRATION_PORT/readyz"
    # HAProxy marks a replica that is not running yet as down, and then responds with 503 for several seconds.
    start haproxy
    until_true asks_for_credentials
    echo "http://127.0.0.1:$PROXY_PORT/user-info, as immuta with the password in $folder/secrets/immuta" ;;
  start) start "$2" ;;
  # INT, because on TERM, PostgreSQL would wait until its clients disconnect.
  stop) if [ "$2" = postgresql ]; then end postgresql INT; else end "$2" TERM; fi ;;
  kill) end "$2" KILL ;;
  down) for name in haproxy a b redis; do end $name TERM; done && end postgresql INT ;;
  *) sed -n '2,11p' "$0" && exit 2 ;;
esac
