#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/network.h"
#include "model/recipe.h"
#include "scorer/candidates.h"
#include "scorer/ranked.h"

namespace scorer {

// The `image` recipe at work: a picture to the categories that a network sees in it, best first,
// equals in the order of the labels. Immutable and shared by threads, each with a Scratch of its
// own.
class ImageScorer {
 public:
  class Scratch;

  // Refuses a network whose ends do not fit the recipe's preparation and labels.
  static base::Result<ImageScorer> make(std::unique_ptr<const engine::Network> network,
                                        const model::Image& recipe, Candidates labels);

  // The categories: an id and, as `answer_id`, a name.
  const Candidates& labels() const { return *labels_; }
  std::size_t default_top_k() const { return recipe_.top_k; }
  const engine::Network& network() const { return *network_; }

  // The best `top_k` (or all there are) of an encoded picture: JPEG, PNG or WebP. Valid until the
  // scratch is used again. Invalid, with what was found, where it is no such picture.
  base::Result<std::span<const Ranked>> classify(std::string_view picture, std::size_t top_k,
                                                 Scratch& scratch) const;

  // What pictures are prepared to, with as many of them as one likes.
  engine::TensorSpec prepared() const;
  // Prepares an encoded picture, behind those that were before it. Invalid as classify() is.
  base::Result<void> prepare(std::string_view picture, std::size_t before, Scratch& scratch) const;
  // The same as classify() of `count` pictures that were prepared: their numbers in C order, as
  // many bytes as prepared() says. One run computes them; the best of each stand behind each other.
  // Invalid where the bytes are others.
  base::Result<std::span<const Ranked>> classify_prepared(std::string_view bytes, std::size_t count,
                                                          std::size_t top_k,
                                                          Scratch& scratch) const;

  // The score of every category, in the labels' order.
  base::Result<std::span<const double>> scores(std::string_view picture, Scratch& scratch) const;

 private:
  ImageScorer(std::shared_ptr<const engine::Network> network, const model::Image& recipe,
              Candidates labels)
      : network_(std::move(network)),
        recipe_(recipe),
        labels_(std::make_shared<const Candidates>(std::move(labels))) {}

  base::Result<void> find_ends();
  base::Result<void> check_input(const engine::TensorSpec& input);
  base::Result<void> check_output(const engine::TensorSpec& output) const;
  base::Result<void> run(std::string_view bytes, std::size_t count, Scratch& scratch) const;
  base::Result<void> take_scores(std::size_t picture, Scratch& scratch) const;
  static void append_best(std::size_t top_k, Scratch& scratch);

  std::shared_ptr<const engine::Network> network_;
  model::Image recipe_;
  std::shared_ptr<const Candidates> labels_;
  std::size_t output_ = 0;
  std::vector<std::int64_t> shape_;  // Of one picture.
};

// The memory of one thread that classifies.
class ImageScorer::Scratch {
 public:
  // What prepare() has made, up to the last.
  std::string_view prepared() const {
    return {reinterpret_cast<const char*>(prepared_.data()), prepared_.size()};
  }

 private:
  friend class ImageScorer;
  std::vector<std::byte> prepared_;
  std::vector<std::int64_t> shape_;  // Of the run.
  std::vector<engine::Tensor> outputs_;
  std::vector<double> scores_;
  std::vector<Ranked> ranked_;
};

}  // namespace scorer
