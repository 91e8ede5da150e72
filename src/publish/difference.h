#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "model/description.h"
#include "model/parity.h"
#include "oci/layout.h"

namespace engine {
class Loader;
}

namespace publish {

// What changed from one version to another.
struct Difference {
  // One thing that is not the same: "steps[1] \"model\": C", "input \"age\"", "file model.joblib".
  struct Item {
    std::string what;
    std::string before;  // Empty: it was not there.
    std::string after;   // Empty: it is gone.
  };
  std::vector<Item> parameters;  // Of estimators, and their classes.
  std::vector<Item> learned;     // What fitting has left: coefficients, vocabularies, trees.
  std::vector<Item> signature;   // Columns, their types, methods and classes.
  std::vector<Item> files;       // Sizes and digests.
  // How far the answers of the second are from those of the first, on the first's golden rows;
  // none where they cannot be asked the same.
  std::optional<model::Parity> answers;
  std::string answers_note;

  bool is_empty() const {
    return parameters.empty() && learned.empty() && signature.empty() && files.empty();
  }
};

base::Result<Difference> find_difference(const oci::Layout& layout, const base::Digest& before,
                                         const base::Digest& after,
                                         const engine::Loader* networks = nullptr);

base::Result<model::Description> find_description(const oci::Layout& layout,
                                                  const base::Digest& version);

std::string to_text(const Difference& difference);
std::string to_json(const Difference& difference);

}  // namespace publish
