#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/signature.h"
#include "model/description.h"

namespace publish {

// The rows of a model as the signature of an MLmodel file has them: columns of a data frame, or one
// tensor whose last axis are the features.
struct MlflowSignature {
  struct Column {
    std::string name;  // Empty: told by its place.
    std::string type;  // "double", "string"; empty: not said.
    bool operator==(const Column&) const = default;
  };
  std::vector<Column> columns;
  std::string tensor_type;         // "float64"; empty: no tensor.
  std::int64_t tensor_width = -1;  // Features; -1: as many as come, or not said.
  bool operator==(const MlflowSignature&) const = default;
};

// The JSON in `signature: inputs:`. What has no form that is known is passed over; Invalid where it
// is no array.
base::Result<MlflowSignature> parse_mlflow_signature(std::string_view inputs);

// Conflict where the signature says text of what the pipeline computes with, numbers of what it
// reads as text, or another number of features. Which numbers they are does not matter: all are
// read as float64. Columns that the pipeline does not know are notes.
base::Result<void> check_signature(const MlflowSignature& signature, const data::Signature& read,
                                   std::vector<std::string>& notes);

// Of a column that nothing reads the pipeline does not know the type; the signature may.
void complete_inputs(const MlflowSignature& signature,
                     std::vector<model::Description::Input>& inputs);

}  // namespace publish
