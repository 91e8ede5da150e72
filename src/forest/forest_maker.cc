#include "forest/forest_maker.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace forest {
namespace {

base::Error too_many_nodes() {
  return {base::Code::Unsupported,
          "expected fewer nodes, got as many as no number of 32 bits is left for"};
}

bool is_plain(const Tree& tree) {
  return std::all_of(tree.nodes.begin(), tree.nodes.end(), [](const Node& node) {
    return !node.categorical && node.missing != Missing::Zero;
  });
}

}  // namespace

base::Result<Forest> Forest::make(const Ensemble& ensemble) {
  Ensemble shape;
  shape.bits = ensemble.bits;
  shape.features = ensemble.features;
  shape.outputs = ensemble.outputs;
  shape.width = ensemble.width;
  shape.float32_input = ensemble.float32_input;
  shape.float32_sum = ensemble.float32_sum;
  shape.absent_is_nan = ensemble.absent_is_nan;
  shape.numbered = ensemble.numbered;
  std::size_t children = 0;
  for (const Tree& tree : ensemble.trees) children += count_children(tree);
  const bool plain = std::all_of(ensemble.trees.begin(), ensemble.trees.end(), is_plain);
  TRY_ASSIGN(const auto maker, ForestMaker::start(std::move(shape), children, plain));
  for (std::size_t i = 0; i < ensemble.trees.size(); ++i) {
    if (auto added = maker->add(ensemble.trees[i]); !added.ok()) {
      return std::move(added).error().within(fmt::format("tree {}", i));
    }
  }
  return std::move(*maker).finish();
}

base::Result<std::unique_ptr<ForestMaker>> ForestMaker::start(Ensemble shape, std::size_t children,
                                                              bool plain) {
  shape.trees.clear();
  TRY(check(shape));
  if (shape.features > kFeaturesMax) {
    return base::Error{base::Code::Unsupported, fmt::format("expected at most {} features, got {}",
                                                            kFeaturesMax, shape.features)};
  }
  if (children > kChildrenMax) return too_many_nodes();
  return std::unique_ptr<ForestMaker>(new ForestMaker(std::move(shape), children, plain));
}

ForestMaker::ForestMaker(Ensemble shape, std::size_t children, bool plain)
    : shape_(std::move(shape)),
      plain_(plain),
      checker_(shape_),
      packing_(start_packing(shape_, children, plain)) {}

base::Result<void> ForestMaker::add(const Tree& tree) {
  TRY(checker_.check(tree));
  if (plain_ && !is_plain(tree)) {
    return base::Error{base::Code::Internal, "expected a plain tree, as was said, got another"};
  }
  return packing_->add(tree) ? base::Result<void>() : too_many_nodes();
}

Forest ForestMaker::finish() && {
  Forest forest;
  forest.packed_ = packing_->finish();
  forest.bits_ = shape_.bits;
  forest.features_ = shape_.features;
  forest.outputs_ = shape_.outputs;
  forest.float32_input_ = shape_.float32_input;
  forest.float32_sum_ = shape_.float32_sum;
  forest.absent_is_nan_ = shape_.absent_is_nan;
  forest.plain_ = plain_;
  return forest;
}

}  // namespace forest
