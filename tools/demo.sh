#!/usr/bin/env bash
# demo.sh [--once]
# demo.sh kubernetes [--once]: see demo_kubernetes.sh
#
# From a fresh Debian 12 machine to a running FAQ: installs the packages that are missing, builds
# the program, serves demos/faq on a free loopback port, asks it three questions, and stays until
# Ctrl-C. With --once it ends after the answers. Needs no Python.
set -euo pipefail

ROOT=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
# shellcheck source=tools/stages.sh
. tools/stages.sh

PROGRAM=build/release/sooth
MODEL=demos/faq
FIRST_PORT=8080
PORTS=40
READY_SECONDS=30
# None of them is in the data that the model was trained on.
QUESTIONS=(
  "what's the best way to copy an object with nested objects in it"
  "how do I sort numbers, sort() gives me 1, 10, 2"
  "check that a string contains some other string"
)
SERVER=
URL=

stop_server() {
  if [ -z "$SERVER" ]; then return 0; fi
  kill -TERM "$SERVER" 2>/dev/null || true
  wait "$SERVER" 2>/dev/null || true
  SERVER=
}

install_packages() {
  local status=0
  tools/install-packages.sh demo --check || status=$?
  case $status in
    0) ;;
    3) stage 'install packages' tools/install-packages.sh demo ;;
    *) exit "$status" ;;
  esac
}

build() {
  # A folder that the tests configured builds the program as well.
  if [ ! -f build/release/build.ninja ]; then stage 'configure' cmake --preset demo; fi
  stage 'build' cmake --build build/release --target sooth
}

port_is_free() {
  ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

is_ready() {
  curl -fsS --max-time 2 -o "$LOGS/demo-ready.json" "$URL/readyz" 2>/dev/null
}

# Whether the server on this port came up; not, where another program was faster to take the port.
start_on() {
  URL=http://127.0.0.1:$1
  mkdir -p "$LOGS"
  # Its own process group, so that Ctrl-C reaches this script alone, which then ends the server.
  set -m
  "$PROGRAM" serve "$MODEL" --port "$1" --open >"$LOGS/demo-server.log" 2>&1 </dev/null &
  SERVER=$!
  set +m
  local end=$((SECONDS + READY_SECONDS))
  until is_ready; do
    if ! kill -0 "$SERVER" 2>/dev/null; then
      SERVER=
      return 1
    fi
    if [ "$SECONDS" -ge "$end" ]; then
      die "the server was not ready within $READY_SECONDS s; it said:
$(tail -n 20 "$LOGS/demo-server.log")"
    fi
    sleep 0.02
  done
}

start_server() {
  local port
  for ((port = FIRST_PORT; port < FIRST_PORT + PORTS; ++port)); do
    if ! port_is_free "$port"; then continue; fi
    if start_on "$port"; then return 0; fi
    if ! grep -qi 'address already in use' "$LOGS/demo-server.log"; then
      die "the server ended; it said:
$(tail -n 20 "$LOGS/demo-server.log")"
    fi
  done
  die "no free port from $FIRST_PORT to $((FIRST_PORT + PORTS - 1))"
}

# [[id, answer, score], ...] on stdin: one line an entry with the text of the question it names.
print_ranked() {
  tr -d ' "\n' | sed -e 's/^\[\[//' -e 's/\]\]$//' -e 's/\],\[/\n/g' |
    awk -F '\t' '
      NR == FNR { text[$1] = $3; next }
      split($0, part, ",") == 3 { printf "    %6.4f  %s\n", part[3], text[part[1]]; ++rows }
      END { exit rows > 0 ? 0 : 1 }
    ' "$MODEL/questions.tsv" -
}

ask() {
  local answer=$LOGS/demo-answer.json seconds
  # The questions hold no character that JSON would escape.
  seconds=$(curl -fsS --max-time 10 -o "$answer" -w '%{time_total}' \
    -d "{\"input\": \"$1\", \"top_k\": 3}" "$URL/score") || die "the server did not answer"
  awk -v question="$1" -v seconds="$seconds" \
    'BEGIN { printf "\n  \"%s\"  (%.2f ms over HTTP)\n", question, seconds * 1000 }'
  print_ranked <"$answer" || die "expected ranked answers, got $(head -c 200 "$answer")"
}

main() {
  local once=
  case "${1:-}" in
    '') ;;
    --once) once=1 ;;
    kubernetes) exec tools/demo_kubernetes.sh "${@:2}" ;;
    *) die 'usage: make demo [ARGS="[kubernetes] [--once]"]' ;;
  esac
  printf 'Sooth: an FAQ that answers over HTTP\n'
  install_packages
  build
  trap stop_server EXIT
  start_server
  printf '  %-32s         %s\n' "serving $MODEL" "$URL"
  local question
  for question in "${QUESTIONS[@]}"; do ask "$question"; done
  if [ -n "$once" ]; then return 0; fi
  printf '\nTry it:  %s  in a browser, or\n' "$URL"
  printf "  curl %s/score -d '{\"input\": \"%s\", \"top_k\": 3}'\n" "$URL" "how do I reverse a string"
  printf '\nCtrl-C ends it.\n'
  trap 'printf "\nstopped\n"; stop_server; exit 0' INT TERM
  wait "$SERVER" || die "the server ended; it said:
$(tail -n 20 "$LOGS/demo-server.log")"
}

main "$@"
