#include "sklearn_trees/tree_sum.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "plan_trees/trees.h"
#include "sklearn_trees/tree.h"

namespace sklearn {
namespace {

using pickle::Value;

// The features of all that each node of a tree asks for; it has its own numbers for them.
base::Result<pickle::Viewed<std::int64_t>> map_features(const Object& tree,
                                                        const TreeArrays& arrays,
                                                        std::span<const std::size_t> features) {
  std::vector<std::int64_t> mapped(arrays.nodes);
  for (std::size_t i = 0; i < arrays.nodes; ++i) {
    const std::int64_t own = arrays.feature.numbers[i];
    if (arrays.left.numbers[i] == -1) {
      mapped[i] = own;
    } else if (own >= 0 && static_cast<std::size_t>(own) < features.size()) {
      mapped[i] = static_cast<std::int64_t>(features[static_cast<std::size_t>(own)]);
    } else {
      return tree.unexpected("tree_", fmt::format("features below {}", features.size()),
                             std::to_string(own));
    }
  }
  return pickle::Viewed<std::int64_t>::of(std::move(mapped));
}

}  // namespace

bool are_single_trees(const Object& ensemble, std::span<const Value> items, bool classifiers) {
  return std::all_of(items.begin(), items.end(), [&](const Value item) {
    const auto tree = Object::of(item, ensemble.release());
    if (!tree.ok() || tree->package() != "sklearn.tree") return false;
    const auto outputs = tree->integer("n_outputs_");
    const std::string_view kind = classifiers ? "TreeClassifier" : "TreeRegressor";
    return outputs.ok() && *outputs == 1 && tree->class_name().ends_with(kind);
  });
}

base::Result<TreeSum> TreeSum::start(Shape shape, const Object& ensemble,
                                     std::span<const Value> items) {
  forest::Ensemble empty;
  empty.features = shape.features;
  empty.outputs = shape.outputs;
  empty.width = shape.width;
  empty.float32_input = true;
  TRY_ASSIGN(auto maker,
             forest::ForestMaker::start(std::move(empty), count_children(ensemble, items), true));
  return TreeSum(shape, std::move(maker));
}

base::Result<void> TreeSum::add(const Member& member, const Leaf& leaf) {
  TRY_ASSIGN(TreeArrays arrays, read_tree_arrays(member.tree));
  if (arrays.values->elements() / member.own_width != arrays.nodes ||
      arrays.values->elements() % member.own_width != 0) {
    return member.tree.unexpected("tree_", fmt::format("{} values for each node", member.own_width),
                                  std::to_string(arrays.values->elements()));
  }
  TRY_ASSIGN(const auto own, pickle::view_doubles(*arrays.values));
  if (!member.features.empty()) {
    TRY_ASSIGN(arrays.feature, map_features(member.tree, arrays, member.features));
  }
  std::vector<double> values(arrays.nodes * shape_.width);
  std::vector<double> row(member.own_width);
  for (std::size_t i = 0; i < arrays.nodes; ++i) {
    if (arrays.left.numbers[i] != -1) continue;
    for (std::size_t c = 0; c < row.size(); ++c) row[c] = own.numbers[i * row.size() + c];
    leaf(row, std::span(values).subspan(i * shape_.width, shape_.width));
  }
  TRY_ASSIGN(const forest::Tree tree,
             make_tree(member.tree, arrays, values, shape_.width, member.output));
  return maker_->add(tree);
}

std::shared_ptr<const forest::Forest> TreeSum::finish() && {
  return std::make_shared<const forest::Forest>(std::move(*maker_).finish());
}

plan::Port emit_tree_sum(plan::Builder& builder, const plan::Port& features,
                         const std::shared_ptr<const forest::Forest>& forest) {
  return builder.add(std::make_shared<plan::Trees>(features.form, forest->trees(), forest, nullptr),
                     features, plan::Form::Dense, forest->outputs());
}

}  // namespace sklearn
