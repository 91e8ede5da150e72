#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scorer/golden.h"
#include "scorer/scorer.h"

namespace publish {

// Example rows of a model and the answers that somebody expects of them, from files. CSV, TSV and
// JSON lines are told apart by the name's end; what is none of them is read as CSV.
//
// An example of an image is a picture's file, one of a network of tensors a request in a form that
// tensor_files reads. Of plain columns an example is a row as `sooth
// predict` takes it. Of a match it has one column: "input", or the one that the recipe calls the
// query's.
base::Result<scorer::Examples> read_examples(const std::string& name, std::string_view text,
                                             const scorer::Scorer& scorer);

// Answers as `sooth predict` writes them, CSV or TSV: columns named as one of the model's methods
// names them. Of a match: a column for each candidate's id, holding its score. Unsupported of a
// network of tensors, whose answers example_files.h reads.
base::Result<scorer::Answered> read_expected(const std::string& name, std::string_view text,
                                             const scorer::Scorer& scorer);

// MLflow's input_example.json: {"columns": [...], "data": [[...], ...]} or a list of records of a
// data frame, {"inputs": [[...], ...]} or a list of lists of an array.
base::Result<scorer::Examples> read_mlflow_example(std::string_view text,
                                                   const scorer::Scorer& scorer);

}  // namespace publish
