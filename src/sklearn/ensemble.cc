#include "sklearn/ensemble.h"

#include <utility>

#include "sklearn/tree.h"

namespace sklearn {
namespace {

// Random forests and extra trees: the mean of the trees' answers, summed in their order.
Made read_forest(const Object& object, Reader& reader, bool classifier) {
  TRY_ASSIGN(TreeTask task, read_tree_task(object, reader, classifier));
  TRY_ASSIGN(const auto items, object.list("estimators_"));
  if (items.empty()) return object.unexpected("estimators_", "at least one tree", "none");
  // Forests ask their first tree, and do so since 1.4.
  TRY_ASSIGN(const Object first, Object::of(items.front(), object.release()));
  task.nan_allowed = object.release() >= Release{1, 4} && tree_takes_nan(first);
  TRY_ASSIGN(TreeMeanMaker maker,
             TreeMeanMaker::start(std::move(task), count_children(object, items), reader));
  TRY(for_each_tree(object, items, [&](const Object& tree, std::size_t) { return maker.add(tree); }));
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
