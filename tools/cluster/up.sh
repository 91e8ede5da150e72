#!/usr/bin/env bash
# Starts the cluster: etcd, API server, controllers and two nodes with containerd and kubelet, all
# below one process in namespaces of its own; then the add-ons (add_ons.sh). Does nothing where it
# is up.
set -euo pipefail
# shellcheck source=tools/cluster/env.sh
. "$(dirname "$0")/env.sh"

CONTROLLERS=(cpu cpuacct cpuset memory devices freezer blkio pids systemd)
# The kubelet sets these for the whole machine; down.sh puts them back.
SYSCTLS=(vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops
  kernel/keys/root_maxkeys kernel/keys/root_maxbytes)

# New network, mount and process namespaces, with `pause` as their first process.
make_namespaces() {  # name, parent or nothing
  local name=$1 parent=() outer inner=
  if [ -n "${2:-}" ]; then parent=(nsenter -t "$(holder "$2")" -n -m -p --); fi
  setsid "${parent[@]}" unshare -n -m -p -f --kill-child --mount-proc --propagation private \
    "$BIN/pause" </dev/null >"$LOGS/$name.log" 2>&1 &
  outer=$!
  for _ in {1..200}; do
    # nsenter -p makes one more process between.
    inner=$(pgrep -x pause -P "$outer,$(pgrep -d , -P "$outer" || echo 0)" | head -n 1) || true
    if [ -n "$inner" ]; then break; fi
    sleep 0.02
  done
  [ -n "$inner" ] || die "no namespaces for $name: $(cat "$LOGS/$name.log")"
  printf '%s\n' "$inner" >"$RUN/$name.pid"
  started_at "$inner" >"$RUN/$name.started"
  within "$name" bash -c 'mount --make-rshared / && mount -t tmpfs -o mode=755 run /run &&
    mkdir /run/containerd && ip link set lo up && echo 1 >/proc/sys/net/ipv4/ip_forward'
}

# The first node shares the control plane's namespaces; the others have their own, with a cable.
make_nodes() {
  local i j node
  make_namespaces control
  within control ip link add lan type bridge
  within control ip addr add "$CONTROL/24" dev lan
  within control ip link set lan up
  within control ip route add default via "$CONTROL"
  cp "$RUN/control.pid" "$RUN/${NODES[0]}.pid"
  cp "$RUN/control.started" "$RUN/${NODES[0]}.started"
  for ((i = 1; i < ${#NODES[@]}; ++i)); do
    node=${NODES[i]}
    make_namespaces "$node" control
    within control ip link add "to-$node" type veth peer name eth0 \
      netns "$(awk '/^NSpid/ { print $3 }' "/proc/$(holder "$node")/status")"
    within control ip link set "to-$node" master lan up
    within "$node" ip addr add "$LAN.$((i + 1))/24" dev eth0
    within "$node" ip link set eth0 up
    within "$node" ip route add default via "$CONTROL"
  done
  for ((i = 0; i < ${#NODES[@]}; ++i)); do
    for ((j = 0; j < ${#NODES[@]}; ++j)); do
      if [ $i -eq $j ]; then continue; fi
      within "${NODES[i]}" ip route add "10.244.$((j + 1)).0/24" via "$LAN.$((j + 1))"
    done
  done
}

start_control_plane() {
  start control etcd etcd --data-dir "$RUN/etcd" --unsafe-no-fsync --log-level warn \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380
  start control apiserver kube-apiserver --etcd-servers=http://127.0.0.1:2379 --secure-port=6443 \
    --bind-address=0.0.0.0 --advertise-address="$CONTROL" --service-cluster-ip-range="$SERVICES" \
    --tls-cert-file="$KEYS/apiserver.crt" --tls-private-key-file="$KEYS/apiserver.key" \
    --client-ca-file="$KEYS/ca.crt" --authorization-mode=Node,RBAC \
    --enable-admission-plugins=NodeRestriction --allow-privileged=true --profiling=false \
    --service-account-issuer=https://kubernetes.default.svc \
    --service-account-signing-key-file="$KEYS/accounts.key" \
    --service-account-key-file="$KEYS/accounts.pub" \
    --kubelet-certificate-authority="$KEYS/ca.crt" \
    --kubelet-client-certificate="$KEYS/admin.crt" --kubelet-client-key="$KEYS/admin.key" \
    --kubelet-preferred-address-types=InternalIP --enable-aggregator-routing=true \
    --requestheader-client-ca-file="$KEYS/front.crt" \
    --requestheader-allowed-names=front-client \
    --requestheader-username-headers=X-Remote-User \
    --requestheader-group-headers=X-Remote-Group \
    --requestheader-extra-headers-prefix=X-Remote-Extra- \
    --proxy-client-cert-file="$KEYS/front-client.crt" \
    --proxy-client-key-file="$KEYS/front-client.key" \
    --default-not-ready-toleration-seconds=5 --default-unreachable-toleration-seconds=5
}

# Quicker than the defaults, so that a test does not wait for a timer.
start_controllers() {
  start control manager kube-controller-manager --kubeconfig="$KEYS/manager.conf" \
    --leader-elect=false --bind-address=127.0.0.1 --use-service-account-credentials=true \
    --kube-api-qps=500 --kube-api-burst=1000 --root-ca-file="$KEYS/ca.crt" \
    --service-account-private-key-file="$KEYS/accounts.key" \
    --cluster-signing-cert-file="$KEYS/ca.crt" --cluster-signing-key-file="$KEYS/ca.key" \
    --service-cluster-ip-range="$SERVICES" --node-monitor-period=1s \
    --node-monitor-grace-period=12s --horizontal-pod-autoscaler-sync-period=2s \
    --horizontal-pod-autoscaler-cpu-initialization-period=5s \
    --horizontal-pod-autoscaler-initial-readiness-delay=2s
  start control scheduler kube-scheduler --kubeconfig="$KEYS/scheduler.conf" \
    --leader-elect=false --bind-address=127.0.0.1
}

make_cgroups() {  # node
  local controller level file
  for controller in "${CONTROLLERS[@]}"; do mkdir -p "/sys/fs/cgroup/$controller/$GROUP/$1"; done
  for level in "$GROUP" "$GROUP/$1"; do
    for file in cpus mems; do
      cat "/sys/fs/cgroup/cpuset/cpuset.$file" >"/sys/fs/cgroup/cpuset/$level/cpuset.$file"
    done
  done
  # Pods keep their share on a busy machine, so that what they use means something.
  echo 8192 >"/sys/fs/cgroup/cpu/$GROUP/cpu.shares"
}

start_containerd() {  # node, number
  local folder=$RUN/$1 hosts=$RUN/$1/registries/$REGISTRY
  mkdir -p "$folder/network" "$hosts"
  cat >"$folder/network/10-pods.conflist" <<END
{"cniVersion": "0.4.0", "name": "pods", "plugins": [{
  "type": "bridge", "bridge": "pods", "isGateway": true, "hairpinMode": true,
  "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.244.$2.0/24"}]],
           "routes": [{"dst": "0.0.0.0/0"}], "dataDir": "$folder/addresses"}}]}
END
  printf 'server = "https://%s"\n[host."https://%s"]\n  ca = "%s"\n' "$REGISTRY" "$REGISTRY" \
    "$KEYS/ca.crt" >"$hosts/hosts.toml"
  cat >"$folder/containerd.toml" <<END
version = 2
root = "$folder/containerd"
state = "/run/containerd/state"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "cluster.local/pause:1"
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "$folder/registries"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$DEBIAN/usr/lib/cni"
    conf_dir = "$folder/network"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        BinaryName = "$DEBIAN/usr/sbin/runc"
END
  start "$1" "containerd-$1" containerd -c "$folder/containerd.toml"
  wait_for 60 within "$1" ctr version
  within "$1" ctr -n k8s.io images import "$CACHE/pause.tar" >/dev/null
}

start_node() {  # node, number
  local folder=$RUN/$1
  mkdir -p "$folder/kubelet"
  cat >"$folder/kubelet.yaml" <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: $KEYS/ca.crt}
authorization: {mode: Webhook}
podLogsDir: $folder/pods
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /$GROUP/$1
failCgroupV1: false
failSwapOn: false
oomScoreAdj: 0
makeIPTablesUtilChains: false
clusterDNS: [$DNS]
clusterDomain: cluster.local
resolvConf: ""
tlsCertFile: $KEYS/$1.crt
tlsPrivateKeyFile: $KEYS/$1.key
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%, nodefs.inodesFree: 1%}
nodeStatusUpdateFrequency: 2s
kubeAPIQPS: 200
kubeAPIBurst: 400
featureGates: {KubeletCrashLoopBackOffMax: true}
crashLoopBackOff: {maxContainerRestartPeriod: 2s}
END
  start "$1" "kubelet-$1" kubelet --config="$folder/kubelet.yaml" --kubeconfig="$KEYS/$1.conf" \
    --root-dir="$folder/kubelet" --cert-dir="$folder" --hostname-override="$1" --node-ip="$LAN.$2"
  cat >"$folder/proxy.yaml" <<END
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: $KEYS/proxy.conf}
mode: nftables
clusterCIDR: $PODS
hostnameOverride: $1
oomScoreAdj: 0
nftables: {minSyncPeriod: 100ms}
conntrack: {maxPerCore: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
END
  start "$1" "proxy-$1" kube-proxy --config="$folder/proxy.yaml"
}

if is_up control; then exit 0; fi
"$HERE/down.sh"
mkdir -p "$RUN" "$LOGS"
for each in "${SYSCTLS[@]}"; do printf '%s %s\n' "$each" "$(cat "/proc/sys/$each")"; done \
  >"$RUN/sysctls"
"$HERE/certificates.sh"
make_nodes
start_control_plane
for ((i = 0; i < ${#NODES[@]}; ++i)); do
  make_cgroups "${NODES[i]}"
  start_containerd "${NODES[i]}" $((i + 1))
done
wait_for 120 as_admin get --raw /readyz
start_controllers
for ((i = 0; i < ${#NODES[@]}; ++i)); do start_node "${NODES[i]}" $((i + 1)); done
for node in "${NODES[@]}"; do wait_for 120 as_admin get node "$node"; done
wait_for 120 as_admin wait --for=condition=Ready node --all --timeout=1s
wait_for 60 as_admin get serviceaccount default
"$HERE/add_ons.sh"
