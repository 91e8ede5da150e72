#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "engine/settings.h"
#include "text/unicode.h"
#include "vision/preparation.h"

namespace model {

// How candidates are scored against a query.
enum class MatchBy : std::uint8_t {
  Pairs,       // A pipeline over (query, candidate) rows gives each its probability.
  Similarity,  // Cosine of the vectors that a transformer makes of either text.
};

// The `match` recipe: one query against registered candidates, best first.
struct Match {
  MatchBy by = MatchBy::Pairs;
  std::string candidates;  // File beneath the model's folder: UTF-8 TSV with header.
  std::string id = "id";   // Its columns.
  std::string answer_id = "answer_id";
  std::string text = "text";
  std::string query_column = "Text_x";  // Columns of the pair pipeline.
  std::string candidate_column = "Text_y";
  std::optional<std::size_t> top_k;  // How many a request gets that does not say; nothing: all.
  bool best_per_answer = false;      // Of candidates with one answer only the best counts.
};

// What the numbers are that a network gives for each category.
enum class Scores : std::uint8_t {
  Logits,         // Made probabilities by a softmax.
  Probabilities,  // Answered as they are.
};

// The `image` recipe: pictures to the categories that a network sees in them, best first.
struct Image {
  vision::Preparation preparation;
  std::string labels;  // File beneath the model's folder: a category a line, or Keras' JSON.
  std::string input;   // Of the network; empty: its only one.
  std::string output;  // The same.
  Scores scores = Scores::Logits;
  std::size_t top_k = 5;  // How many a request gets that does not say.
};

// What `sooth.yaml` says of a model: the file, and how a request becomes its input and its
// output the answer. Without `match` and `image` a request is rows of plain columns, or, of a
// network, its tensors.
struct Recipe {
  std::string name;  // What clients call it; [a-z0-9][a-z0-9._-]{0,127}
  std::string model = "model.joblib";
  text::PythonVersion python;
  // What a row's columns are called, for a model that takes as many as come and does not hold how
  // many it was fitted with; of others passed over.
  std::vector<std::string> columns;
  // Classes of the model's owner, and the library's one that each answers as: "__main__.Mine",
  // "lightgbm.LGBMClassifier".
  std::vector<std::pair<std::string, std::string>> classes;
  std::optional<Match> match;
  std::optional<Image> image;
  engine::Settings engine;  // Of a network.

  // Whether the model is a network, by its file's name: ONNX has no mark at its beginning.
  bool is_network() const { return model.ends_with(".onnx"); }
};

// Reads `sooth.yaml`; `file` stands in messages only.
base::Result<Recipe> parse_recipe(std::string_view file, std::string_view text);

// What is wrong with `class_name` as the full name of a Python class, "package.module.Class".
base::Result<void> check_class_name(std::string_view class_name);

// Whether it may be the name of a model or an endpoint.
base::Result<void> check_name(std::string_view name);

// The nearest allowed name to that of a file or folder: "My Model.joblib" -> "my-model".
std::string name_from_path(std::string_view path);

}  // namespace model
