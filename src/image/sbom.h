#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"
#include "image/runtime_files.h"

namespace image {

inline constexpr std::string_view kSbomType = "application/spdx+json";

// The model that an image serves.
struct SbomModel {
  std::string name;
  std::string version;
  base::Digest digest;
};

// The image that it stands on.
struct SbomBase {
  std::string name;  // As a registry is asked for it; empty: it has none.
  base::Digest digest;
};

// The bill of materials of an image as SPDX 2.3 JSON: the model, the runtime's packages and each
// of its files with SHA-1 (which SPDX asks for) and SHA-256, and the base by name and digest, whose
// own bill says what is in it. `created` is seconds since 1970, 0 unless somebody wants a day; the
// namespace is made of the contents, so equal images have equal bills.
base::Result<std::string> make_sbom(const RuntimeFiles& runtime, const SbomModel& model,
                                    std::int64_t created = 0,
                                    const std::optional<SbomBase>& base = {});

// The same in two documents, so that a registry that has the runtime's is sent the other alone:
// that of the image names it by its namespace and SHA-1.
struct SplitSbom {
  std::string runtime;  // Packages and files: equal for all models.
  std::string image;    // The model and the base.
};
base::Result<SplitSbom> make_split_sbom(const RuntimeFiles& runtime, const SbomModel& model,
                                        std::int64_t created = 0,
                                        const std::optional<SbomBase>& base = {});

}  // namespace image
