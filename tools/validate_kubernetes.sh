#!/usr/bin/env bash
# validate_kubernetes.sh [file...]: whether Kubernetes manifests (default: the golden ones) are
# valid by the schemas of Kubernetes 1.34 and 1.36, the Gateway API and the Prometheus operator,
# with unknown fields refused. kubeconform and the schemas come from Go modules and are kept in
# build/conformance; after the first run no network is needed.
# Prints PASS, FAIL or SKIP lines; SKIP with the reason where Go, Python or the modules are absent.
set -euo pipefail
cd -P "$(dirname "${BASH_SOURCE[0]}")/.."

KUBECONFORM=github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0
RELEASES=(v1.34.4 v1.36.3)
GATEWAY_API=sigs.k8s.io/gateway-api@v1.4.0
OPERATOR=github.com/prometheus-operator/prometheus-operator@v0.85.0
PYYAML=pyyaml==6.0.3
WORK=build/conformance

skip() {
  printf 'SKIP kubernetes manifests: %s\n' "$1"
  exit 0
}

module_folder() {  # module@version
  go mod download -json "$1" 2>>"$WORK/log" | sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p'
}

# Python with PyYAML, its own where the system's has none.
python_with_yaml() {
  if python3 -c 'import yaml' 2>/dev/null; then
    printf 'python3\n'
    return
  fi
  if [ ! -x "$WORK/venv/bin/python" ]; then python3 -m venv "$WORK/venv" >>"$WORK/log" 2>&1 || return; fi
  "$WORK/venv/bin/pip" install -q "$PYYAML" >>"$WORK/log" 2>&1 || return
  printf '%s\n' "$WORK/venv/bin/python"
}

# The schemas of a release with those of the custom resources, in $WORK/schemas/<release>.
make_schemas() {  # release, python
  local release=$1 python=$2 made=$WORK/schemas/$1 making source crds gateway operator
  if [ -d "$made" ]; then return; fi
  source=$(module_folder "k8s.io/kubernetes@$release")
  gateway=$(module_folder "$GATEWAY_API")
  operator=$(module_folder "$OPERATOR")
  if [ -z "$source" ] || [ -z "$gateway" ] || [ -z "$operator" ]; then return 1; fi
  making=$(mktemp -d "$WORK/making.XXXXXX")
  "$python" tools/kubernetes_schemas.py openapi "$source/api/openapi-spec/swagger.json" "$making"
  crds=("$gateway"/config/crd/standard/*_{gateways,httproutes}.yaml
    "$operator/example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml")
  # Azure's managed Prometheus takes the operator's form under its own group.
  "$python" tools/kubernetes_schemas.py crd "$making" \
    --group monitoring.coreos.com=azmonitoring.coreos.com "${crds[@]}"
  mkdir -p "$WORK/schemas"
  mv "$making" "$made"
}

main() {
  local files=("$@") python release status=0 folder
  if [ ${#files[@]} -eq 0 ]; then files=(tests/golden/kubernetes/*.yaml); fi
  mkdir -p "$WORK"
  : >"$WORK/log"
  command -v go >/dev/null || skip 'Go is not installed'
  command -v python3 >/dev/null || skip 'Python 3 is not installed'
  if [ ! -x "$WORK/bin/kubeconform" ]; then
    GOBIN=$PWD/$WORK/bin go install "$KUBECONFORM" >>"$WORK/log" 2>&1 ||
      skip "kubeconform cannot be built ($WORK/log says why)"
  fi
  python=$(python_with_yaml)
  if [ -z "$python" ]; then skip "PyYAML cannot be installed ($WORK/log says why)"; fi
  for release in "${RELEASES[@]}"; do
    make_schemas "$release" "$python" || skip "the schemas of $release cannot be had ($WORK/log says why)"
    folder=$PWD/$WORK/schemas/$release
    if "$WORK/bin/kubeconform" -strict -summary \
      -schema-location "$folder/{{ .ResourceKind }}{{ .KindSuffix }}.json" "${files[@]}"; then
      printf 'PASS kubernetes manifests, %s: %d files\n' "$release" ${#files[@]}
    else
      printf 'FAIL kubernetes manifests, %s\n' "$release"
      status=1
    fi
  done
  return $status
}

main "$@"
