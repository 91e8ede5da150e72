#include "plan_cells/text.h"

#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace plan {
namespace {

struct VectorizeState final : State {
  text::CountVectorizer::Scratch counting;
  text::HashingVectorizer::Scratch hashing;
  text::Row row;
};

struct Append {
  std::string_view document;
  VectorizeState& state;
  base::Result<void> operator()(const text::CountVectorizer& vectorizer) const {
    return vectorizer.append(document, state.counting, state.row);
  }
  base::Result<void> operator()(const text::HashingVectorizer& vectorizer) const {
    return vectorizer.append(document, state.hashing, state.row);
  }
};

}  // namespace

Vectorize::Vectorize(std::shared_ptr<const Fitted> fitted, std::string name)
    : fitted_(std::move(fitted)),
      name_(std::move(name)),
      features_(std::visit([](const auto& v) { return std::size_t{v.features()}; },
                           fitted_->vectorizer)) {}

std::string Vectorize::describe() const {
  const bool counted = std::holds_alternative<text::CountVectorizer>(fitted_->vectorizer);
  return fmt::format("{} terms of {} into {} features{}", counted ? "count" : "hash",
                     name_.empty() ? "a text" : base::quote(name_), features_,
                     fitted_->weights ? ", weigh them by tf-idf" : "");
}

std::unique_ptr<State> Vectorize::make_state() const { return std::make_unique<VectorizeState>(); }

bool Vectorize::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const Vectorize*>(&other);
  return as != nullptr && as->fitted_ == fitted_ && as->name_ == name_;
}

base::Result<void> Vectorize::run(const Inputs& in, Buffer& out, State* state) const {
  auto& kept = static_cast<VectorizeState&>(*state);
  SparseMatrix& rows = out.sparse;
  rows.clear(features_);
  // The rows are appended where the vectoriser appends; their memory goes back and forth.
  std::swap(kept.row.indices, rows.indices);
  std::swap(kept.row.values, rows.values);
  const auto texts = in[0].cells.columns[0].texts;
  for (std::size_t i = 0; i < in.rows(); ++i) {
    if (data::is_missing(texts[i])) {
      return base::Error(base::Code::Invalid,
                         fmt::format("row {}, column {}: expected a text, got a missing value",
                                     in.row_of_request(i), base::quote(name_)));
    }
    const std::size_t start = kept.row.values.size();
    TRY(std::visit(Append{texts[i], kept}, fitted_->vectorizer));
    if (fitted_->weights) {
      fitted_->weights->apply(std::span(kept.row.indices).subspan(start),
                              std::span(kept.row.values).subspan(start));
    }
    rows.starts.push_back(kept.row.values.size());
    ++rows.rows;
  }
  std::swap(kept.row.indices, rows.indices);
  std::swap(kept.row.values, rows.values);
  return {};
}

std::string WeighTerms::describe() const {
  return fmt::format("weigh {} features by tf-idf", width_);
}

base::Result<void> WeighTerms::run(const Inputs& in, Buffer& out, State*) const {
  out.sparse = in[0].sparse;
  for (std::size_t i = 0; i < in.rows(); ++i) {
    weights_.apply(out.sparse.row_indices(i), out.sparse.row_values(i));
  }
  return {};
}

}  // namespace plan
