#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/digest.h"
#include "base/result.h"

namespace model {

// A version of a model as people write it: "faq" (the newest), "faq:3", "faq@champion" (what an
// alias points at) or "faq@sha256:...".
struct Reference {
  struct Newest {
    bool operator==(const Newest&) const = default;
  };
  struct Alias {
    std::string name;
    bool operator==(const Alias&) const = default;
  };

  std::string name;
  std::variant<Newest, std::int64_t, Alias, base::Digest> which;

  static base::Result<Reference> parse(std::string_view text);
  std::string text() const;

  bool operator==(const Reference&) const = default;
};

// Whether it may be an alias; the grammar of a model's name.
base::Result<void> check_alias(std::string_view alias);

// Whether it may be the key or the value of a label.
base::Result<void> check_label(std::string_view key, std::string_view value);

}  // namespace model
