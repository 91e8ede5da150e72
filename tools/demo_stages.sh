# Sourced after stages.sh by the demonstrations: the packages, the program, and a server on a free
# port of loopback until stop_server, which the caller traps. What it says is in SERVER_LOG.

PROGRAM=build/release/sooth
SERVER=      # Its process, while it runs.
SERVER_LOG=$LOGS/demo-server.log
URL=
FIRST_PORT=8080
PORTS=40
READY_SECONDS=30

install_packages() {  # kind of packages
  local status=0
  tools/install-packages.sh "$1" --check || status=$?
  case $status in
    0) ;;
    3) stage 'install packages' tools/install-packages.sh "$1" ;;
    *) exit "$status" ;;
  esac
}

build_program() {
  # A folder that the tests configured builds the program as well.
  if [ ! -f build/release/build.ninja ]; then stage 'configure' cmake --preset demo; fi
  stage 'build' cmake --build build/release --target sooth
}

stop_server() {
  if [ -z "$SERVER" ]; then return 0; fi
  kill -TERM "$SERVER" 2>/dev/null || true
  wait "$SERVER" 2>/dev/null || true
  SERVER=
}

port_is_free() {
  ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

is_ready() {
  curl -fsS --max-time 2 -o "$LOGS/demo-ready.json" "$URL/readyz" 2>/dev/null
}

die_of_server() {  # what happened
  die "$1; it said:
$(tail -n 20 "$SERVER_LOG")"
}

# Whether the server on this port came up; not, where another program was faster to take the port.
start_on() {  # port, what to serve and how
  URL=http://127.0.0.1:$1
  mkdir -p "$LOGS"
  # Its own process group, so that Ctrl-C reaches the script alone, which then ends the server.
  set -m
  "$PROGRAM" serve "${@:2}" --port "$1" --open >"$SERVER_LOG" 2>&1 </dev/null &
  SERVER=$!
  set +m
  local end=$((SECONDS + READY_SECONDS))
  until is_ready; do
    if ! kill -0 "$SERVER" 2>/dev/null; then
      SERVER=
      return 1
    fi
    if [ "$SECONDS" -ge "$end" ]; then
      die_of_server "the server was not ready within $READY_SECONDS s"
    fi
    sleep 0.02
  done
}

start_server() {  # what to serve and how
  local port
  for ((port = FIRST_PORT; port < FIRST_PORT + PORTS; ++port)); do
    if ! port_is_free "$port"; then continue; fi
    if start_on "$port" "$@"; then return 0; fi
    if ! grep -qi 'address already in use' "$SERVER_LOG"; then die_of_server 'the server ended'; fi
  done
  die "no free port from $FIRST_PORT to $((FIRST_PORT + PORTS - 1))"
}

# Serves until Ctrl-C.
stay() {
  printf '\nCtrl-C ends it.\n'
  trap 'printf "\nstopped\n"; stop_server; exit 0' INT TERM
  wait "$SERVER" || die_of_server 'the server ended'
}
