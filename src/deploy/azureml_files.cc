// Azure ML's CLI (v2) YAML: managedOnlineEndpoint, kubernetesOnlineEndpoint and the two deployment
// schemas of the same names (azureml_deployment.cc).
#include "deploy/azureml_files.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "config/yaml.h"
#include "deploy/azureml_reader.h"
#include "deploy/section.h"

namespace deploy {
namespace {

using base::Result;
using config::YamlMap;
using config::YamlNode;

constexpr std::size_t kFilesMax = 32;

constexpr AzureWithout kEndpointWithout[] = {
    {"compute", "the target is named when deploying: sooth deploy --to CONTEXT"},
    {"identity", "give the service account its rights on the target"},
    {"public_network_access", "it is public where it gets a host name, and only there"},
    {"mirror_traffic", "traffic is not mirrored"},
    {"description", "labels are kept"},
    {"display_name", "the name is shown"},
    {"properties", "labels are kept"},
    {"kind", "every endpoint is of one kind"},
    {"type", "the target is named when deploying"},
    {"location", "the target is named when deploying"},
};

constexpr std::string_view kEndpointKeys[] = {"$schema", "name", "auth_mode",
                                              "traffic", "tags", "defaults"};

}  // namespace

std::string as_dns_name(std::string_view name, std::size_t bytes_max) {
  std::string made;
  for (const char c : name) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    made += lower == '_' || lower == '.' || lower == ' ' ? '-' : lower;
  }
  if (made.size() > bytes_max) made.resize(bytes_max);
  while (made.ends_with('-')) made.pop_back();
  return made;
}

std::string lower_case(std::string_view text) {
  std::string made(text);
  std::transform(made.begin(), made.end(), made.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return made;
}

Result<EndpointSpec> azure_defaults() {
  return parse_endpoint("defaults", "{name: a, deployments: {a: {version: '1'}}}");
}

Result<void> AzureReader::check_keys(const AzureFile& file, std::span<const std::string_view> known,
                                     std::span<const AzureWithout> without) {
  std::vector<std::string_view> all(known.begin(), known.end());
  for (const AzureWithout& each : without) all.push_back(each.key);
  TRY(file.map.only(all));
  for (const AzureWithout& each : without) {
    if (file.map.has(each.key)) no_counterpart(file, each.key, each.instead);
  }
  return {};
}

Result<std::string> AzureReader::read_name(const AzureFile& file, std::string_view key,
                                           std::size_t bytes_max) {
  TRY_ASSIGN(std::string name, file.map.get_string(key));
  if (check_dns_name(name, bytes_max).ok()) return name;
  std::string made = as_dns_name(name, bytes_max);
  if (const auto checked = check_dns_name(made, bytes_max); !checked.ok()) {
    return file.map.error_at(key, fmt::format("key {}: expected 1 to {} of a-z, 0-9 and '-', "
                                              "starting with a letter, got {}",
                                              base::quote(key), bytes_max, base::quote(name)));
  }
  note(file, key, fmt::format("{} is called {} here", base::quote(name), base::quote(made)));
  return made;
}

Result<void> AzureReader::read_tags(const AzureFile& file,
                                    std::map<std::string, std::string>& labels) {
  if (!file.map.has("tags")) return {};
  TRY_ASSIGN(const YamlMap tags, file.map.get_map("tags"));
  for (const std::string_view key : tags.keys()) {
    TRY_ASSIGN(const std::string value, tags.get_string(key));
    if (!is_label_key(key) || !is_label_value(value) || key.find('/') != std::string_view::npos) {
      note(file, "tags", fmt::format("{} cannot be a label and is left out", base::quote(key)));
    } else if (labels.contains(std::string(key)) && labels[std::string(key)] != value) {
      note(file, "tags", fmt::format("{} is said twice; the first counts", base::quote(key)));
    } else {
      labels.emplace(key, value);
    }
  }
  return {};
}

Result<void> AzureReader::read_endpoint(const AzureFile& file) {
  TRY(check_keys(file, kEndpointKeys, kEndpointWithout));
  TRY_ASSIGN(endpoint_.spec.name, read_name(file, "name", kEndpointNameMax));
  if (file.map.has("auth_mode")) {
    TRY_ASSIGN(const std::string mode, file.map.get_string("auth_mode"));
    if (lower_case(mode) != "key") {
      note(file, "auth_mode",
           fmt::format("{} has no counterpart; clients use keys", base::quote(mode)));
    }
  }
  if (file.map.has("defaults")) no_counterpart(file, "defaults", "traffic says it");
  return read_tags(file, endpoint_.spec.labels);
}

Result<void> AzureReader::read_traffic(const AzureFile& file) {
  EndpointSpec& spec = endpoint_.spec;
  for (const DeploymentSpec& deployment : spec.deployments) spec.traffic[deployment.name] = 0;
  std::int64_t sum = 0;
  if (file.map.has("traffic")) {
    TRY_ASSIGN(const YamlMap traffic, file.map.get_map("traffic"));
    for (const std::string_view key : traffic.keys()) {
      TRY_ASSIGN(const std::int64_t percent, traffic.get_int(key, 0, 100));
      const auto at = spec.traffic.find(as_dns_name(key, kDeploymentNameMax));
      if (at == spec.traffic.end()) {
        return file.map.error_at("traffic", fmt::format("key \"traffic\": no file describes "
                                                        "deployment {}",
                                                        base::quote(key)));
      }
      at->second = percent;
      sum += percent;
    }
  }
  if (sum == 100) return {};
  if (sum != 0) {
    return file.map.error_at("traffic",
                             fmt::format("key \"traffic\": expected 100 in all, got {}", sum));
  }
  spec.traffic[spec.deployments.front().name] = 100;
  if (spec.deployments.size() > 1) {
    note(file, "traffic",
         fmt::format("none is given; {} gets all of it",
                     base::quote(spec.deployments.front().name)));
  }
  return {};
}

Result<AzureEndpoint> AzureReader::read(std::span<const NamedText> files) {
  if (files.size() > kFilesMax) {
    return base::Error(base::Code::Invalid,
                       fmt::format("expected at most {} files, got {}", kFilesMax, files.size()));
  }
  std::optional<AzureFile> endpoint;
  std::vector<AzureFile> deployments;
  for (const NamedText& each : files) {
    TRY_ASSIGN(YamlMap map, YamlMap::parse(each.file, each.text));
    AzureFile file{each.file, std::move(map)};
    if (is_azure_deployment(file.map)) {
      deployments.push_back(std::move(file));
    } else if (endpoint) {
      return base::Error(
          base::Code::Invalid,
          fmt::format("{}: expected one endpoint, got another in {}", each.file, endpoint->name));
    } else {
      endpoint = std::move(file);
    }
  }
  if (!endpoint || deployments.empty()) {
    return base::Error(base::Code::Invalid,
                       fmt::format("expected the file of an endpoint and those of its deployments, "
                                   "got {} and {}",
                                   endpoint ? "one" : "none", deployments.size()));
  }
  TRY(read_endpoint(*endpoint));
  for (const AzureFile& file : deployments) TRY(read_deployment(file));
  TRY(read_traffic(*endpoint));
  if (endpoint_.spec.request_time_max_s == 0) {
    TRY_ASSIGN(const EndpointSpec standard, azure_defaults());
    endpoint_.spec.request_time_max_s = standard.request_time_max_s;
  }
  return std::move(endpoint_);
}

bool is_azureml(std::string_view text) {
  return text.find("azureml") != std::string_view::npos &&
         text.find("schema.json") != std::string_view::npos;
}

Result<AzureEndpoint> parse_azureml(std::span<const NamedText> files) {
  return AzureReader().read(files);
}

}  // namespace deploy
