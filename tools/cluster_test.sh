#!/usr/bin/env bash
# cluster_test.sh [run.py's options]: everything that needs a cluster, on one that this script
# builds, starts and ends. PASS, FAIL and SKIP lines; skipped, with the reason, where no cluster can
# run. SOOTH_CLUSTER_KEEP=1 leaves it up, to look at.
set -euo pipefail

ROOT=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
# shellcheck source=tools/stages.sh
. tools/stages.sh

CLUSTER=tools/cluster/cluster.sh

if ! reason=$("$CLUSTER" check); then
  printf 'SKIP cluster: %s\n' "$reason"
  exit 0
fi
tools/install-packages.sh demo
stage 'build the cluster' "$CLUSTER" build
if [ ! -f build/release/build.ninja ]; then stage 'configure' cmake --preset demo; fi
stage 'build' cmake --build build/release --target sooth
if [ -z "${SOOTH_CLUSTER_KEEP:-}" ]; then trap '"$CLUSTER" down' EXIT; fi
stage 'start the cluster' "$CLUSTER" up
"$CLUSTER" in python3 tests/cluster/run.py "$@"
if [ $# -eq 0 ]; then "$CLUSTER" in tools/check_docs.sh docs/guide/kubernetes.md; fi
