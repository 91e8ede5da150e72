#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/model_source.h"
#include "data/signature.h"
#include "plan/plan.h"
#include "sklearn/model.h"
#include "sklearn/outline.h"

namespace cli {

// What `sooth inspect` says of a model file, before it is put into text.
struct Inspection {
  struct Method {
    plan::Method method = plan::Method::Predict;
    plan::Output output;
    double row_us = 0;
    std::vector<std::string> steps;
  };

  std::string path;
  std::uint64_t file_bytes = 0;
  std::uint64_t stream_bytes = 0;  // Unpacked.
  std::string container;
  std::optional<unsigned> protocol;  // Of the pickle; unknown of a compressed file.
  sklearn::Origin origin;
  sklearn::Outline outline;
  data::Signature signature;
  // The model takes as many columns as come: the signature and the methods are for one.
  bool any_columns = false;
  std::vector<Method> methods;
  std::vector<fitted::Problem> problems;  // Why it cannot be run; then there are no methods.
};

// Refuses only what cannot be read; a model that cannot be run has problems.
base::Result<Inspection> inspect_pickle(const ModelSource& source,
                                        const fitted::ReadOptions& options);

std::string to_text(const Inspection& inspection);
std::string to_json(const Inspection& inspection);

}  // namespace cli
