# Sourced by the scripts of the test cluster: where things are, and how to run something in it.

HERE=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TREE=$(cd -P "$HERE/../.." && pwd)
# What is built once and kept: programs, Debian's files, definitions of custom resources.
CACHE=${SOOTH_CLUSTER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sooth/cluster}
# What one cluster is while it runs: certificates, state, logs.
RUN=${SOOTH_CLUSTER_RUN:-$TREE/build/cluster}
BIN=$CACHE/bin
DEBIAN=$CACHE/debian
LOGS=$RUN/logs
KEYS=$RUN/keys

# One network of its own; nothing leaves it, and no address of the machine's is touched.
LAN=10.77.0
CONTROL=$LAN.1
SERVICES=10.96.0.0/16
PODS=10.244.0.0/16
DNS=10.96.0.10
REGISTRY=$CONTROL:5000
GATEWAY=$LAN.10  # manifests/gateway.yaml
NODES=(node-a node-b)
GROUP=sooth-cluster  # Of cgroups.

export PATH=$BIN:$DEBIAN/usr/bin:$DEBIAN/usr/sbin:$PATH:/usr/sbin:/sbin
export LD_LIBRARY_PATH=$DEBIAN/usr/lib/x86_64-linux-gnu
export KUBECONFIG=$KEYS/admin.conf

die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# The first process of a node's namespaces, as it was when it started: a number alone may be
# somebody else's by now.
holder() { cat "$RUN/$1.pid" 2>/dev/null; }
started_at() { awk '{ print $22 }' "/proc/$1/stat" 2>/dev/null; }
is_up() {  # node
  local pid
  pid=$(holder "$1") && [ -n "$pid" ] &&
    [ "$(started_at "$pid")" = "$(cat "$RUN/$1.started" 2>/dev/null)" ]
}

# In all of a node's namespaces, and in the background there with a log.
within() {  # node command...
  local pid
  pid=$(holder "$1")
  shift
  nsenter -t "$pid" -n -m -p -- "$@"
}
start() {  # node log command...
  local pid
  pid=$(holder "$1")
  setsid nsenter -t "$pid" -n -m -p -- "${@:3}" >"$LOGS/$2.log" 2>&1 </dev/null &
}

# In the cluster's network alone: files, signals and pipes are the caller's.
in_network() { nsenter --net="/proc/$(holder control)/ns/net" -- "$@"; }
as_admin() { in_network kubectl "$@"; }

wait_for() {  # seconds command...
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || die "not so in time: $* (logs are in $LOGS)"
    sleep 0.1
  done
}
