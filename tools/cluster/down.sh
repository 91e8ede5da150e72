#!/usr/bin/env bash
# Ends the cluster. Everything runs below the first process of its process namespace, so ending that
# one ends all of it: programs, containers, mounts, networks.
set -euo pipefail
# shellcheck source=tools/cluster/env.sh
. "$(dirname "$0")/env.sh"

if is_up control; then
  pid=$(holder control)
  kill -KILL "$pid"
  for _ in {1..200}; do
    [ -e "/proc/$pid" ] || break
    sleep 0.05
  done
fi
rm -f "$RUN"/*.pid "$RUN"/*.started
if [ -f "$RUN/sysctls" ]; then
  while read -r name value; do
    [ "$(cat "/proc/sys/$name")" = "$value" ] || echo "$value" >"/proc/sys/$name"
  done <"$RUN/sysctls"
fi
for controller in /sys/fs/cgroup/*/; do
  if [ ! -d "$controller$GROUP" ]; then continue; fi
  # A group is busy for a moment after its last process has gone.
  for _ in {1..50}; do
    find "$controller$GROUP" -depth -type d -exec rmdir {} + 2>/dev/null && break
    sleep 0.1
  done
done
# Logs stay until the next start.
find "$RUN" -mindepth 1 -maxdepth 1 ! -name logs -exec rm -rf {} + 2>/dev/null || true
