#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

namespace oci {

// The media types of the OCI image specification 1.1, and Docker's of the same meaning.
inline constexpr std::string_view kManifestType = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kIndexType = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kConfigType = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view kEmptyType = "application/vnd.oci.empty.v1+json";
inline constexpr std::string_view kLayerType = "application/vnd.oci.image.layer.v1.tar";
inline constexpr std::string_view kGzipLayerType = "application/vnd.oci.image.layer.v1.tar+gzip";
inline constexpr std::string_view kZstdLayerType = "application/vnd.oci.image.layer.v1.tar+zstd";
inline constexpr std::string_view kDockerManifestType =
    "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view kDockerIndexType =
    "application/vnd.docker.distribution.manifest.list.v2+json";

// What is read as JSON is at most this long.
inline constexpr std::uint64_t kManifestBytesMax = 4 << 20;
// The largest size of a blob: what every reader of JSON can hold.
inline constexpr std::uint64_t kDescriptorSizeMax = std::uint64_t{1} << 53U;

using Annotations = std::map<std::string, std::string>;

// A blob: what it is, its digest and its size.
struct Descriptor {
  std::string media_type;
  base::Digest digest;
  std::uint64_t size = 0;
  Annotations annotations;
  std::string artifact_type;  // Empty: none.
  std::string architecture;   // Of the platform; empty: none is said.
  std::string os;

  bool operator==(const Descriptor&) const = default;
};

// An image's manifest. As JSON: keys sorted, no space, so that equal manifests are equal bytes.
struct Manifest {
  Descriptor config;
  std::vector<Descriptor> layers;
  std::optional<Descriptor> subject;
  std::string artifact_type;  // Empty: none.
  Annotations annotations;

  // Refuses other schema versions, missing parts, sizes that are no sizes; `text` at most
  // kManifestBytesMax. Unknown keys are passed over, as the specification asks.
  static base::Result<Manifest> parse(std::string_view text);
  std::string json() const;
};

// An index of manifests.
struct Index {
  std::vector<Descriptor> manifests;
  std::optional<Descriptor> subject;
  std::string artifact_type;
  Annotations annotations;

  static base::Result<Index> parse(std::string_view text);
  std::string json() const;
};

// Whether bytes of this media type are an index of manifests rather than a manifest.
bool is_index_type(std::string_view media_type);

}  // namespace oci
