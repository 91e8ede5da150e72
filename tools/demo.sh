#!/usr/bin/env bash
# demo.sh [--once]
# demo.sh image [--once]: see demo_image.sh
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
# shellcheck source=tools/demo_stages.sh
. tools/demo_stages.sh

MODEL=demos/faq
# None of them is in the data that the model was trained on.
QUESTIONS=(
  "what's the best way to copy an object with nested objects in it"
  "how do I sort numbers, sort() gives me 1, 10, 2"
  "check that a string contains some other string"
)

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
    image) exec tools/demo_image.sh "${@:2}" ;;
    kubernetes) exec tools/demo_kubernetes.sh "${@:2}" ;;
    *) die 'usage: make demo [ARGS="[image|kubernetes] [--once]"]' ;;
  esac
  printf 'Sooth: an FAQ that answers over HTTP\n'
  install_packages demo
  build_program
  trap stop_server EXIT
  start_server "$MODEL"
  printf '  %-32s         %s\n' "serving $MODEL" "$URL"
  local question
  for question in "${QUESTIONS[@]}"; do ask "$question"; done
  if [ -n "$once" ]; then return 0; fi
  printf '\nTry it:  %s  in a browser, or\n' "$URL"
  printf "  curl %s/score -d '{\"input\": \"%s\", \"top_k\": 3}'\n" "$URL" "how do I reverse a string"
  stay
}

main "$@"
