# Sourced by the scripts beside it: runs long steps one after another, each with its output in a
# log and its progress on the terminal (plain lines where there is none), and ends what it started.
# The caller sets ROOT, the top of the tree, and may set LOGS.

LOGS=${LOGS:-$ROOT/build/logs}
CORES=$(nproc)
STAGE_LOG=      # The log of the stage that ran last.
STAGE_GROUP=    # Its process group while it runs.
BESIDE_NAME=    # The same of what runs beside the stages.
BESIDE_GROUP=
BESIDE_STARTED=
PIPE_PERIOD=30  # Seconds between signs of life where nobody watches a terminal.

if [ -t 1 ]; then ON_TERMINAL=1; else ON_TERMINAL=; fi

die() {
  printf '%s\n' "$*" >&2
  exit 1
}

clock() {  # seconds -> 3:07
  printf '%d:%02d' $(($1 / 60)) $(($1 % 60))
}

end_stage_processes() {
  local group
  for group in $STAGE_GROUP $BESIDE_GROUP; do kill -TERM -- "-$group" 2>/dev/null || true; done
  STAGE_GROUP=
  BESIDE_GROUP=
}
trap 'end_stage_processes; exit 130' INT
trap 'end_stage_processes; exit 143' TERM

# The line that a watcher sees: ninja's and the package manager's last words, cut to the width.
last_words() {
  tail -c 400 "$STAGE_LOG" 2>/dev/null | tr '\r' '\n' | sed -e 's/[^[:print:]]//g' -e '/^$/d' |
    tail -n 1 | cut -c "1-$1"
}

show_progress() {  # name, seconds so far
  if [ -n "$ON_TERMINAL" ]; then
    local width
    width=$(stty size 2>/dev/null </dev/tty | cut -d ' ' -f 2)
    width=$((${width:-80} - 44))
    if [ "$width" -lt 1 ]; then width=36; fi
    printf '\r\033[K  %-32s %6s  %s' "$1" "$(clock "$2")" "$(last_words "$width")"
  else
    printf '  %-32s %6s  %s\n' "$1" "$(clock "$2")" "$(last_words 100)"
  fi
}

log_of() {  # name of a stage
  mkdir -p "$LOGS"
  printf '%s/%s.log' "$LOGS" "$(printf '%s' "$1" | tr -cs 'a-z0-9\n' '-')"
}

# start_beside <name> <command...>: runs it beside the stages that follow, one such thing at a time.
start_beside() {
  BESIDE_NAME=$1
  BESIDE_STARTED=$SECONDS
  shift
  set -m
  "$@" >"$(log_of "$BESIDE_NAME")" 2>&1 </dev/null &
  BESIDE_GROUP=$!
  set +m
}

# Waits for it as for a stage that began back then: its status, with its output in STAGE_LOG.
end_beside() {
  STAGE_LOG=$(log_of "$BESIDE_NAME")
  STAGE_GROUP=$BESIDE_GROUP
  BESIDE_GROUP=
  follow_stage "$BESIDE_NAME" "$BESIDE_STARTED"
}

# run_stage <name> <command...>: the command's status, with its output in STAGE_LOG.
run_stage() {
  local name=$1
  shift
  STAGE_LOG=$(log_of "$name")
  # Job control gives the command a process group of its own, so that all of it can be ended.
  set -m
  "$@" >"$STAGE_LOG" 2>&1 </dev/null &
  STAGE_GROUP=$!
  set +m
  follow_stage "$name" "$SECONDS"
}

# Waits for the stage of STAGE_GROUP, shows how it goes and how it ended: its status.
follow_stage() {  # name, when it started
  local name=$1 started=$2 status=0 shown=$SECONDS pause=0.05
  while kill -0 "$STAGE_GROUP" 2>/dev/null; do
    sleep "$pause"
    if [ $((SECONDS - started)) -ge 1 ]; then pause=0.5; fi
    if [ -n "$ON_TERMINAL" ] || [ $((SECONDS - shown)) -ge "$PIPE_PERIOD" ]; then
      shown=$SECONDS
      show_progress "$name" $((SECONDS - started))
    fi
  done
  wait "$STAGE_GROUP" || status=$?
  STAGE_GROUP=
  if [ -n "$ON_TERMINAL" ]; then printf '\r\033[K'; fi
  if [ "$status" -eq 0 ]; then
    printf '  %-32s %6s  %s\n' "$name" "$(clock $((SECONDS - started)))" "${STAGE_DONE:-done}"
  else
    printf '  %-32s %6s  FAILED\n' "$name" "$(clock $((SECONDS - started)))"
  fi
  return "$status"
}

# What the last stage said, as far as it tells why it failed.
show_failure() {
  printf '\n' >&2
  if grep -q '^FAILED: ' "$STAGE_LOG"; then
    sed -n '/^FAILED: /,$p' "$STAGE_LOG" | grep -v '^\[[0-9]*/[0-9]*\] ' | head -n 80 >&2 || true
  else
    tail -n 60 "$STAGE_LOG" >&2
  fi
  printf '\nall of its output is in %s\n' "${STAGE_LOG#"$ROOT"/}" >&2
}

# stage <name> <command...>: as run_stage, and the end of everything where it fails.
stage() {
  if run_stage "$@"; then return 0; fi
  show_failure
  exit 1
}
