#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

namespace oci {

// How a layer of an image came to be.
struct History {
  std::string created;  // RFC 3339; here and below, empty: not said.
  std::string created_by;
  std::string comment;
  bool empty_layer = false;

  bool operator==(const History&) const = default;
};

// The configuration of an image: what runs in it, how, and what it is made of.
struct ImageConfig {
  std::string architecture;
  std::string os;
  std::string variant;
  std::string created;
  std::string author;

  std::string user;
  std::vector<std::string> env;  // "NAME=VALUE"
  std::vector<std::string> entrypoint;
  std::vector<std::string> cmd;
  std::string working_dir;
  std::set<std::string> exposed_ports;  // "8080/tcp"
  std::set<std::string> volumes;
  std::map<std::string, std::string> labels;
  std::string stop_signal;

  std::vector<base::Digest> diff_ids;  // The layers' archives, lowest first.
  std::vector<History> history;

  // Refuses what lacks architecture, os or rootfs, values of other types, and more than
  // kManifestBytesMax; null is nothing, as Go's writers have it. Unknown keys are passed over.
  static base::Result<ImageConfig> parse(std::string_view text);
  // Keys sorted, no space, nothing that is empty: equal values are equal bytes.
  std::string json() const;

  bool operator==(const ImageConfig&) const = default;
};

}  // namespace oci
