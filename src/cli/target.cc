#include "cli/target.h"

#include <CLI/CLI.hpp>

#include "base/text.h"
#include "cli/cluster.h"

namespace cli {
namespace {

constexpr std::string_view kLocal = "local";
// For a context of the kubeconfig that is called as another target.
constexpr std::string_view kContextMark = "context:";

TargetFlags without_mark(TargetFlags flags) {
  if (flags.to.starts_with(kContextMark)) flags.to.erase(0, kContextMark.size());
  return flags;
}

}  // namespace

void add_target_options(CLI::App& app, TargetFlags& flags) {
  app.add_option("--to", flags.to,
                 "\"local\": processes of this machine; else a context of the kubeconfig, by "
                 "kubectl (\"context:NAME\" whatever its name); \"in-cluster\": this pod's own "
                 "cluster");
  app.add_option("-n,--namespace", flags.in_namespace, "Namespace")->capture_default_str();
  app.add_option("--server", flags.server,
                 "An API server's proxy on this machine instead: http://127.0.0.1:8001");
}

base::Result<std::unique_ptr<Target>> open_target(const TargetFlags& flags, World& world) {
  if (flags.to == kLocal) {
    if (flags.server.empty()) return open_local(flags, world);
    return base::Error(base::Code::Invalid, "--server: expected none with --to local");
  }
  return open_kubernetes(without_mark(flags), world);
}

base::Result<std::string> cluster_name(const TargetFlags& flags) {
  if (flags.to == kLocal) {
    return base::Error(
        base::Code::Invalid,
        "--forget: expected a cluster; on this machine undeploy takes away what there "
        "is");
  }
  const TargetFlags cluster = without_mark(flags);
  return ClusterFlags{
      .context = cluster.to, .in_namespace = cluster.in_namespace, .server = cluster.server}
      .target();
}

void say_progress(World& world, const std::string& sentence) {
  static_cast<void>(world.err.write(base::printable(sentence) + "\n").ok());
}

}  // namespace cli
