#include "scorer/image_scorer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "data/datatype.h"
#include "vision/decode.h"
#include "vision/preparation.h"

namespace scorer {
namespace {

using base::Code;
using base::Error;
using data::Datatype;
using engine::TensorSpec;

// The end of that name, or the only one.
base::Result<std::size_t> find_end(const std::vector<TensorSpec>& ends, const std::string& name,
                                   std::string_view what) {
  if (name.empty()) {
    if (ends.size() == 1) return std::size_t{0};
    return Error(Code::Invalid, fmt::format("image: expected a network of one {}, got {}; say "
                                            "which one as \"{}\" in sooth.yaml",
                                            what, ends.size(), what));
  }
  const auto at = std::find_if(ends.begin(), ends.end(),
                               [&](const TensorSpec& each) { return each.name == name; });
  if (at != ends.end()) return static_cast<std::size_t>(at - ends.begin());
  std::vector<std::string> names;
  for (const TensorSpec& each : ends) names.push_back(base::quote(each.name));
  return Error(Code::Invalid, fmt::format("image: \"{}\": expected {}, got {}", what,
                                          fmt::join(names, " or "), base::quote(name)));
}

std::vector<std::int64_t> shape_of(const vision::Preparation& preparation) {
  const auto height = static_cast<std::int64_t>(preparation.size.height);
  const auto width = static_cast<std::int64_t>(preparation.size.width);
  if (preparation.layout == vision::Layout::Nchw) return {1, 3, height, width};
  return {1, height, width, 3};
}

bool fits(std::span<const std::int64_t> shape, const TensorSpec& spec) {
  if (spec.any_rank) return true;
  if (spec.shape.size() != shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (spec.shape[i] != engine::kAnyExtent && spec.shape[i] != shape[i]) return false;
  }
  return true;
}

// In place: each its share of the sum of all exponentials.
void softmax(std::vector<double>& numbers) {
  const double greatest = *std::max_element(numbers.begin(), numbers.end());
  double sum = 0;
  for (double& each : numbers) {
    each = std::exp(each - greatest);
    sum += each;
  }
  for (double& each : numbers) each /= sum;
}

}  // namespace

base::Result<ImageScorer> ImageScorer::make(std::unique_ptr<const engine::Network> network,
                                            const model::Image& recipe, Candidates labels) {
  ImageScorer scorer(std::move(network), recipe, std::move(labels));
  TRY(scorer.find_ends());
  return scorer;
}

base::Result<void> ImageScorer::find_ends() {
  const auto& inputs = network_->inputs();
  if (inputs.size() != 1) {
    return Error(Code::Invalid,
                 fmt::format("image: expected a network of one input, got {}", inputs.size()));
  }
  TRY_ASSIGN(const std::size_t input, find_end(inputs, recipe_.input, "input"));
  TRY(check_input(inputs[input]));
  TRY_ASSIGN(output_, find_end(network_->outputs(), recipe_.output, "output"));
  return check_output(network_->outputs()[output_]);
}

base::Result<void> ImageScorer::check_input(const TensorSpec& input) {
  shape_ = shape_of(recipe_.preparation);
  const Datatype type =
      recipe_.preparation.type == vision::Type::Float32 ? Datatype::Fp32 : Datatype::Uint8;
  if (input.type == type && fits(shape_, input)) return {};
  return Error(Code::Invalid, fmt::format("image: the recipe prepares {}, but input {} takes {}",
                                          engine::tensor_form(type, shape_),
                                          base::quote(input.name), engine::tensor_form(input)));
}

base::Result<void> ImageScorer::check_output(const TensorSpec& output) const {
  if (output.type != Datatype::Fp32 && output.type != Datatype::Fp64 &&
      output.type != Datatype::Fp16) {
    return Error(Code::Invalid, fmt::format("image: output {}: expected floats, got {}",
                                            base::quote(output.name), engine::tensor_form(output)));
  }
  // What is left open is seen by the first picture.
  if (output.any_rank || output.shape.empty()) return {};
  std::int64_t count = 1;
  for (std::size_t i = 0; i < output.shape.size(); ++i) {
    const bool open = output.shape[i] == engine::kAnyExtent;
    if (open && i > 0) return {};
    if (!open && __builtin_mul_overflow(count, output.shape[i], &count)) count = -1;
    if (count < 0) break;
  }
  if (count == static_cast<std::int64_t>(labels_->rows.size())) return {};
  return Error(
      Code::Invalid,
      fmt::format("image: output {}: expected a number for each of the {} labels, got {}",
                  base::quote(output.name), labels_->rows.size(), engine::tensor_form(output)));
}

base::Result<void> ImageScorer::prepare(std::string_view picture, std::size_t before,
                                        Scratch& scratch) const {
  TRY_ASSIGN(const vision::Picture decoded,
             vision::decode(picture, {.orient = recipe_.preparation.orient}));
  const std::size_t one = vision::prepared_bytes(recipe_.preparation);
  scratch.prepared_.resize((before + 1) * one);
  vision::prepare(decoded, recipe_.preparation, std::span(scratch.prepared_).last(one));
  return {};
}

base::Result<void> ImageScorer::run(std::string_view bytes, std::size_t count,
                                    Scratch& scratch) const {
  scratch.shape_ = shape_;
  scratch.shape_.front() = static_cast<std::int64_t>(count);
  const engine::TensorView input{.type = network_->inputs().front().type,
                                 .shape = scratch.shape_,
                                 .bytes = bytes,
                                 .texts = {}};
  TRY(network_->run(std::span(&input, 1), std::span(&output_, 1), scratch.outputs_));
  const engine::Tensor& output = scratch.outputs_.front();
  const std::size_t numbers = output.bytes.size() / data::datatype_bytes(output.type);
  if (numbers == labels_->rows.size() * count) return {};
  // Whatever the pictures were.
  return Error(Code::Corrupt,
               fmt::format("image: expected a number for each of the {} labels, got {}",
                           labels_->rows.size(), engine::tensor_form(output.type, output.shape)));
}

// Of one of the pictures that were run.
base::Result<void> ImageScorer::take_scores(std::size_t picture, Scratch& scratch) const {
  const engine::Tensor& output = scratch.outputs_.front();
  const std::size_t step = data::datatype_bytes(output.type);
  const std::size_t count = labels_->rows.size();
  const char* first = output.bytes.data() + picture * count * step;
  scratch.scores_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    scratch.scores_[i] = data::read_number(output.type, first + i * step);
    // A softmax would spread it over all others.
    if (!std::isfinite(scratch.scores_[i])) {
      return Error(Code::Internal,
                   fmt::format("image: expected finite numbers, got {} for {}", scratch.scores_[i],
                               base::quote(labels_->rows[i].answer_id)));
    }
  }
  if (recipe_.scores == model::Scores::Logits) softmax(scratch.scores_);
  return {};
}

base::Result<std::span<const double>> ImageScorer::scores(std::string_view picture,
                                                          Scratch& scratch) const {
  TRY(prepare(picture, 0, scratch));
  TRY(run(scratch.prepared(), 1, scratch));
  TRY(take_scores(0, scratch));
  return std::span<const double>(scratch.scores_);
}

// The best of the scores that the scratch has.
void ImageScorer::append_best(std::size_t top_k, Scratch& scratch) {
  const std::size_t before = scratch.ranked_.size();
  for (std::size_t i = 0; i < scratch.scores_.size(); ++i) {
    scratch.ranked_.push_back({static_cast<std::uint32_t>(i), scratch.scores_[i]});
  }
  const std::size_t kept = std::min(top_k, scratch.scores_.size());
  const auto first = scratch.ranked_.begin() + static_cast<std::ptrdiff_t>(before);
  std::partial_sort(first, first + static_cast<std::ptrdiff_t>(kept), scratch.ranked_.end(),
                    [](const Ranked& a, const Ranked& b) {
                      return a.score != b.score ? a.score > b.score : a.candidate < b.candidate;
                    });
  scratch.ranked_.resize(before + kept);
}

base::Result<std::span<const Ranked>> ImageScorer::classify(std::string_view picture,
                                                            std::size_t top_k,
                                                            Scratch& scratch) const {
  TRY(prepare(picture, 0, scratch));
  return classify_prepared(scratch.prepared(), 1, top_k, scratch);
}

engine::TensorSpec ImageScorer::prepared() const {
  engine::TensorSpec spec{.name = network_->inputs().front().name,
                          .type = network_->inputs().front().type,
                          .shape = shape_,
                          .labels = {}};
  spec.shape.front() = engine::kAnyExtent;
  return spec;
}

base::Result<std::span<const Ranked>> ImageScorer::classify_prepared(std::string_view bytes,
                                                                     std::size_t count,
                                                                     std::size_t top_k,
                                                                     Scratch& scratch) const {
  TRY(run(bytes, count, scratch));
  scratch.ranked_.clear();
  for (std::size_t picture = 0; picture < count; ++picture) {
    TRY(take_scores(picture, scratch));
    append_best(top_k, scratch);
  }
  return std::span<const Ranked>(scratch.ranked_);
}

}  // namespace scorer
