#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "model/parity.h"
#include "scorer/scorer.h"
#include "scorer/tensor_examples.h"

namespace scorer {

// What one method answered to some rows, or a match to some queries.
struct Answered {
  std::string method;              // "predict_proba"; else the recipe's name: "match", "image".
  std::vector<std::string> names;  // Of the columns; of a match or picture the candidates' ids.
  std::vector<double> numbers;     // rows x names, row by row; empty where there are labels.
  std::vector<std::string> labels;

  std::size_t rows() const {
    const std::size_t cells = numbers.empty() ? labels.size() : numbers.size();
    return names.empty() ? 0 : cells / names.size();
  }
};

// Rows of plain columns in the signature's order, queries of a match, encoded pictures, or requests
// to a network of tensors.
struct Examples {
  using Cell = std::variant<std::monostate, double, std::string>;  // monostate: missing.
  std::vector<std::vector<Cell>> rows;
  std::vector<std::string> queries;
  std::vector<std::string> pictures;
  std::vector<TensorRequest> requests;

  std::size_t count() const {
    return rows.size() + queries.size() + pictures.size() + requests.size();
  }
};

// Examples with the answers that a version gave when it was registered. They travel with the
// version and are replayed before it takes traffic: a machine, a build or a file that would give
// other numbers is found before anybody asks.
struct Golden {
  static constexpr std::size_t kRowsMax = 100;
  // Values kept for one method: wide answers keep fewer rows.
  static constexpr std::size_t kValuesMax = 20'000;
  // Of one output of a network of tensors, and of all of them, of every request.
  static constexpr std::size_t kElementsMax = 4096;
  static constexpr std::size_t kAllElementsMax = 400'000;
  // Of the tensors of one request, or of all pictures; in base64 they have to fit into a file that
  // is read as a whole.
  static constexpr std::uint64_t kRequestBytesMax = std::uint64_t{24} << 20U;
  // Of several requests, or rows of a batch: who replays them waits for their answers.
  static constexpr std::uint64_t kRequestsBytesMax = std::uint64_t{8} << 20U;

  std::string source;                // "given" by the owner or "generated".
  std::vector<std::string> columns;  // Of the rows.
  Examples examples;
  std::vector<Answered> answers;
  std::vector<std::vector<KeptTensor>> outputs;  // Of each request to a network of tensors.
  std::vector<std::string> left_out;             // What is not among the answers, and why.

  // JSON with sorted keys; numbers read back to the bit. Refuses what does not fit together.
  std::string json() const;
  static base::Result<Golden> parse(std::string_view text);
};

// What the scorer answers to the examples, each method in turn. A method that refuses them is
// left out and said.
struct Answers {
  std::vector<Answered> answered;
  std::vector<TensorAnswer> outputs;  // Of a network of tensors.
  std::vector<std::string> left_out;
};
base::Result<Answers> answer(const Scorer& scorer, const Examples& examples);

// Examples, with their answers where they are known already.
struct Sample {
  Examples examples;
  std::optional<Answers> answers;
};

// Examples where nobody gave any: the first candidates' own texts for a match; a few patterns for
// pictures; for columns a few rows that the model takes; for a network of tensors see
// generate_requests(). Invalid for a network that takes none of them.
base::Result<Sample> generate_sample(const Scorer& scorer);

// The sample with its answers, cut to the sizes above. Requests of tensors that are too large to be
// kept are cut to the first of their batch; where they cannot be, others are made up.
base::Result<Golden> make_golden(const Scorer& scorer, Sample sample, std::string source);

// Adds to `parity` how far `ours` is from `reference`; columns are bound by name. Probabilities of
// pictures are compared as they are, since of a thousand most are next to nothing.
void compare(const Answered& reference, const Answered& ours, model::Parity& parity);

// Scores the golden rows anew and compares: Corrupt, naming the worst value, beyond `tolerance`.
base::Result<model::Parity> replay(const Scorer& scorer, const Golden& golden, double tolerance);

}  // namespace scorer
