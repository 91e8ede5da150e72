#!/usr/bin/env bash
# demo_image.sh [--once]
#
# From a network in ONNX to the categories of pictures over HTTP: installs the packages that are
# missing, builds the program, fetches ONNX Runtime where it is not there yet, registers demos/image,
# serves it on a free loopback port and sends it the sample pictures, each with its time. A picture
# that is told wrongly fails. Without --once the server stays until Ctrl-C.
set -euo pipefail

ROOT=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
# shellcheck source=tools/stages.sh
. tools/stages.sh
# shellcheck source=tools/demo_stages.sh
. tools/demo_stages.sh

WORK=$ROOT/build/demo-image
MODEL=demos/image
SAMPLES=$MODEL/samples
# The one whose probabilities Python has computed.
PROVED=$SAMPLES/7.png

# A Python that can fetch a wheel: the machine's, or one of our own where that has no pip.
find_pip() {
  PYTHON=python3
  if "$PYTHON" -m pip --version >/dev/null 2>&1; then return 0; fi
  install_packages image
  PYTHON=$WORK/venv/bin/python
  if [ ! -x "$PYTHON" ]; then stage 'make a python with pip' python3 -m venv "$WORK/venv"; fi
}

install_engine() {
  if ! "$PROGRAM" engines | grep -q '; sooth engines install onnx$'; then return 0; fi
  find_pip
  stage 'install the engine' "$PROGRAM" engines install onnx --python "$PYTHON"
}

register() {
  export SOOTH_WORKSPACE=$WORK/workspace
  rm -rf "$SOOTH_WORKSPACE"
  stage 'register' "$PROGRAM" register "$MODEL" --example "$PROVED" \
    --expected "$MODEL/expected.csv"
  sed 's/^/    /' "$STAGE_LOG" | cut -c 1-120
}

# [[id, "name", probability], ...] on stdin: them on one line, and whether the first is the id.
print_ranked() {  # sample, its digit, seconds
  tr -d '"\n' | sed -e 's/^\[\[//' -e 's/\]\]$//' -e 's/\],\[/\n/g' |
    awk -F , -v sample="$1" -v digit="$2" -v seconds="$3" '
      NF == 3 { text = text sprintf("%-5s %5.1f %%  ", $2, $3 * 100); if (++rows == 1) best = $1 }
      END {
        printf "    %-28s %s(%.2f ms over HTTP)\n", sample, text, seconds * 1000
        exit rows > 0 && best == digit ? 0 : 1
      }'
}

send() {  # sample
  local answer=$LOGS/demo-answer.json seconds digit
  digit=$(basename "$1" .png)
  seconds=$(curl -fsS --max-time 10 -o "$answer" -w '%{time_total}' \
    -H 'Content-Type: image/png' --data-binary "@$1" "$URL/score") ||
    die "the server did not answer"
  print_ranked "$1" "$digit" "$seconds" <"$answer" ||
    die "expected $digit first, got $(head -c 200 "$answer")"
}

main() {
  local once= sample
  case "${1:-}" in
    '') ;;
    --once) once=1 ;;
    *) die 'usage: make demo ARGS="image [--once]"' ;;
  esac
  printf 'Sooth: a network that answers over HTTP\n'
  install_packages demo
  build_program
  mkdir -p "$WORK"
  install_engine
  register
  trap stop_server EXIT
  start_server digits
  printf '  %-32s         %s\n\n' 'serving digits:1' "$URL"
  for sample in "$SAMPLES"/*.png; do send "$sample"; done
  if [ -n "$once" ]; then return 0; fi
  printf '\nTry it:  %s  in a browser, or\n' "$URL"
  printf "  curl %s/score -H 'Content-Type: image/png' --data-binary @%s\n" "$URL" "$PROVED"
  stay
}

main "$@"
