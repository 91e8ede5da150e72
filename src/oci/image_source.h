#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"
#include "oci/descriptor.h"
#include "oci/reference.h"
#include "oci/registry.h"
#include "oci/sink.h"

namespace oci {

// Docker's name for what OCI calls kConfigType.
inline constexpr std::string_view kDockerConfigType =
    "application/vnd.docker.container.image.v1+json";

// Where an image is read from: a registry, or an OCI layout, a folder or an archive of one. Nothing
// is believed: every manifest and blob has the digest and size that it was asked for by, or is
// refused.
class ImageSource {
 public:
  virtual ~ImageSource() = default;

  // What others would fetch the image by; empty: nobody else could.
  virtual std::string name() const = 0;
  // The repository it is in, where that is one of the registry at `host`; else empty.
  virtual std::string repository_at(std::string_view host) const = 0;
  // The manifest or index that was named.
  virtual base::Result<RegistryManifest> fetch_named() = 0;
  // One that an index names.
  virtual base::Result<RegistryManifest> fetch_manifest(const Descriptor& manifest) = 0;
  // The blob's bytes, in order. Nothing of it may be believed before this returns without error.
  virtual base::Result<void> fetch_blob(const Descriptor& blob, const Sink& sink) = 0;
};

// `registry` has to outlive it.
std::unique_ptr<ImageSource> registry_source(Registry& registry, Reference reference);

// The form of an image in a layout: "oci:PATH" or "oci:PATH:NAME", where NAME is the annotation
// org.opencontainers.image.ref.name of one of its images ("debian:12", "faq:3").
struct LayoutReference {
  std::string path;
  std::string name;  // Empty: there is to be only one image.

  static bool is_one(std::string_view text);
  static base::Result<LayoutReference> parse(std::string_view text);
};

// A folder, or an archive as "skopeo copy" writes it to oci-archive:, Docker since 25 with
// "docker save", and "sooth build -o". Only read.
base::Result<std::unique_ptr<ImageSource>> open_layout_source(const LayoutReference& reference);

}  // namespace oci
