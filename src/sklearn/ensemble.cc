#include "sklearn/ensemble.h"

#include <utility>

#include <fmt/format.h>

#include "sklearn/tree.h"

namespace sklearn {
namespace {

// Random forests and extra trees: the mean of the trees' answers, summed in their order.
Made read_forest(const Object& object, Reader& reader, bool classifier) {
  TRY_ASSIGN(TreeTask task, read_tree_task(object, classifier));
  TRY_ASSIGN(const auto items, object.list("estimators_"));
  if (items.empty()) return object.unexpected("estimators_", "at least one tree", "none");
  std::size_t children = 0;
  for (const auto& item : items) {
    if (const auto tree = Object::of(item, object.release()); tree.ok()) {
      children += count_children(*tree);
    }
  }
  TRY_ASSIGN(TreeMeanMaker maker, TreeMeanMaker::start(std::move(task), children, reader));
  for (std::size_t i = 0; i < items.size(); ++i) {
    TRY_ASSIGN(const Object tree, Object::of(items[i], object.release()));
    auto added = maker.add(tree);
    if (!added.ok()) return std::move(added).error().within(fmt::format("estimators_[{}]", i));
  }
  return std::move(maker).finish();
}

Made read_forest_classifier(const Object& object, Reader& reader) {
  return read_forest(object, reader, true);
}

Made read_forest_regressor(const Object& object, Reader& reader) {
  return read_forest(object, reader, false);
}

constexpr Entry kEnsemble[] = {
    {"sklearn.ensemble", "ExtraTreesClassifier", read_forest_classifier},
    {"sklearn.ensemble", "ExtraTreesRegressor", read_forest_regressor},
    {"sklearn.ensemble", "RandomForestClassifier", read_forest_classifier},
    {"sklearn.ensemble", "RandomForestRegressor", read_forest_regressor},
};

}  // namespace

std::span<const Entry> ensemble_entries() { return kEnsemble; }

}  // namespace sklearn
