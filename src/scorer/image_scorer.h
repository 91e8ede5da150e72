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
  // The same of a picture that was prepared already: its numbers in C order, as many bytes as
  // prepared() says. Invalid where there are others.
  base::Result<std::span<const Ranked>> classify_prepared(std::string_view bytes, std::size_t top_k,
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
  base::Result<void> take_scores(const engine::Tensor& output, Scratch& scratch) const;
  base::Result<void> score_prepared(std::string_view bytes, Scratch& scratch) const;
  static std::span<const Ranked> rank(std::size_t top_k, Scratch& scratch);

  std::shared_ptr<const engine::Network> network_;
  model::Image recipe_;
  std::shared_ptr<const Candidates> labels_;
  std::size_t output_ = 0;
  std::vector<std::int64_t> shape_;  // Of one picture.
};

// The memory of one thread that classifies.
class ImageScorer::Scratch {
 private:
  friend class ImageScorer;
  std::vector<std::byte> prepared_;
  std::vector<engine::Tensor> outputs_;
  std::vector<double> scores_;
  std::vector<Ranked> ranked_;
};

}  // namespace scorer
