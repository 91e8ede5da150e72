#!/usr/bin/env bash
# cluster.sh check|build|up|down|in COMMAND...
#
# A Kubernetes of two nodes on this machine, for tests and the demonstration: everything real but
# the machines under the nodes. See README.md.
#   check   ends with 3 and says why where it cannot run here
#   build   builds what is missing (minutes the first time, kept in ~/.cache/sooth/cluster)
#   up      starts it, and waits until it is usable
#   down    ends it; leaves nothing but logs
#   in      runs a command in its network, with KUBECONFIG set and kubectl on the path; where the
#           registry, the certificates and the gateway are, stands in SOOTH_CLUSTER_REGISTRY,
#           SOOTH_CLUSTER_KEYS and SOOTH_CLUSTER_GATEWAY
set -euo pipefail
# shellcheck source=tools/cluster/env.sh
. "$(dirname "$0")/env.sh"

cannot() {
  printf 'no cluster here: %s\n' "$1"
  exit 3
}

check() {
  local command
  [ "$(id -u)" -eq 0 ] || cannot 'it needs root, for namespaces and mounts'
  [ "$(uname -m)" = x86_64 ] || cannot "Envoy's build is for x86_64; this is $(uname -m)"
  [ -d /sys/fs/cgroup/memory ] && [ -d /sys/fs/cgroup/cpuset ] ||
    cannot 'it needs cgroup v1 (or hybrid); this machine has cgroup v2 alone'
  for command in go cc python3 perl openssl curl ip unshare nsenter apt-get dpkg; do
    command -v "$command" >/dev/null || cannot "$command is not installed"
  done
  unshare -n -m -p -f --mount-proc true 2>/dev/null || cannot 'it may not make namespaces'
}

case ${1:-} in
  check) check ;;
  build) "$HERE/build.sh" ;;
  up) "$HERE/up.sh" ;;
  down) "$HERE/down.sh" ;;
  in)
    shift
    is_up control || die 'the cluster is not up: tools/cluster/cluster.sh up'
    unset LD_LIBRARY_PATH
    export SOOTH_CLUSTER_REGISTRY=$REGISTRY SOOTH_CLUSTER_KEYS=$KEYS SOOTH_CLUSTER_GATEWAY=$GATEWAY
    in_network "$@"
    ;;
  *) die 'usage: cluster.sh check|build|up|down|in COMMAND...' ;;
esac
