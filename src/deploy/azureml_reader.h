#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/result.h"
#include "base/text.h"
#include "config/yaml.h"
#include "deploy/azureml_files.h"

namespace deploy {

// A key of a schema that has no counterpart here, and what to do instead.
struct AzureWithout {
  std::string_view key;
  std::string_view instead;
};

// One file as it is read, and where its notes go.
struct AzureFile {
  std::string name;
  config::YamlMap map;
};

// Reads the files of one endpoint and its deployments, once: parse_azureml().
class AzureReader {
 public:
  base::Result<AzureEndpoint> read(std::span<const NamedText> files);

 private:
  base::Result<void> read_endpoint(const AzureFile& file);
  base::Result<void> read_traffic(const AzureFile& file);
  base::Result<void> read_deployment(const AzureFile& file);
  base::Result<void> read_model(const AzureFile& file, DeploymentSpec& deployment);
  base::Result<void> read_scale(const AzureFile& file, DeploymentSpec& deployment);
  base::Result<void> read_resources(const AzureFile& file, DeploymentSpec& deployment);
  base::Result<void> read_environment(const AzureFile& file, DeploymentSpec& deployment);
  base::Result<void> read_probe(const AzureFile& file, std::string_view key, Probe& probe);
  base::Result<void> read_requests(const AzureFile& file);
  base::Result<void> read_tags(const AzureFile& file, std::map<std::string, std::string>& labels);
  base::Result<std::string> read_name(const AzureFile& file, std::string_view key,
                                      std::size_t bytes_max);

  base::Result<void> check_keys(const AzureFile& file, std::span<const std::string_view> known,
                                std::span<const AzureWithout> without);
  void read_instance_type(const AzureFile& file, const std::string& type,
                          DeploymentSpec& deployment);
  void note(const AzureFile& file, std::string_view key, std::string_view problem) {
    endpoint_.notes.push_back(fmt::format("{}: {}: {}", file.name, base::quote(key), problem));
  }
  void no_counterpart(const AzureFile& file, std::string_view key, std::string_view instead) {
    note(file, key, fmt::format("no counterpart; {}", instead));
  }

  AzureEndpoint endpoint_;
};

// Whether a file is one of a deployment, not of an endpoint.
bool is_azure_deployment(const config::YamlMap& map);

// The nearest name that is allowed: "regular_deployment" -> "regular-deployment".
std::string as_dns_name(std::string_view name, std::size_t bytes_max);
std::string lower_case(std::string_view text);

// What an endpoint has that says nothing: every default comes from the one table.
base::Result<EndpointSpec> azure_defaults();

}  // namespace deploy
