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
  // What was fitted: a vocabulary can be most of a model, so the plans of all methods share it.
  struct Fitted {
    std::variant<text::CountVectorizer, text::HashingVectorizer> vectorizer;
    std::optional<text::TfidfWeights> weights;
  };
  Vectorize(std::shared_ptr<const Fitted> fitted, std::string name);
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override { return 3000; }
  bool same_as(const Step& other) const override;

  std::size_t features() const { return features_; }

 private:
  std::shared_ptr<const Fitted> fitted_;
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
