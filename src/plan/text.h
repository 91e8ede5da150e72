#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "plan/step.h"
#include "text/count_vectorizer.h"
#include "text/hashing_vectorizer.h"
#include "text/tfidf.h"

namespace plan {

// One text column to sparse rows: counted or hashed terms, weighted where tf-idf says so.
class Vectorize final : public Step {
 public:
  using Vectorizer = std::variant<text::CountVectorizer, text::HashingVectorizer>;
  Vectorize(Vectorizer vectorizer, std::optional<text::TfidfWeights> weights, std::string name);
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override { return 3000; }

  std::size_t features() const { return features_; }

 private:
  Vectorizer vectorizer_;
  std::optional<text::TfidfWeights> weights_;
  std::string name_;  // Of the column, for messages.
  std::size_t features_;
};

// Sparse rows of counts to weighted ones (TfidfTransformer.transform).
class WeighTerms final : public Step {
 public:
  WeighTerms(text::TfidfWeights weights, std::size_t width)
      : weights_(std::move(weights)), width_(width) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 1000; }

 private:
  text::TfidfWeights weights_;
  std::size_t width_;
};

}  // namespace plan
