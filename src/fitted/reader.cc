#include "fitted/reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "fitted/registry.h"

namespace fitted {
namespace {

// Pickles share parts, so a small file can describe an endless model.
constexpr std::size_t kEstimatorDepthMax = 64;
constexpr std::size_t kEstimatorsMax = 100'000;
constexpr std::size_t kProblemsMax = 100;
constexpr std::size_t kSpentMax = 10'000'000;

}  // namespace

EstimatorPtr Reader::read(pickle::Value value, std::string_view path) {
  path_.emplace_back(path);
  const bool cycle =
      std::any_of(open_.begin(), open_.end(), [&](pickle::Value each) { return each.same(value); });
  if (cycle) count_ = kEstimatorsMax;
  open_.push_back(value);
  auto made = read_here(value);
  open_.pop_back();
  if (!made.ok() && problems_.size() < kProblemsMax) {
    problems_.push_back({fmt::format("{}", fmt::join(path_, ".")), std::move(made).error()});
  }
  path_.pop_back();
  return made.ok() ? *std::move(made) : nullptr;
}

bool Reader::spend(std::size_t values) {
  spent_ += std::min(values, kSpentMax);
  return spent_ <= kSpentMax;
}

base::Result<EstimatorPtr> Reader::read_here(pickle::Value value) {
  if (path_.size() > kEstimatorDepthMax || ++count_ > kEstimatorsMax) {
    return base::Error(base::Code::Unsupported,
                       fmt::format("model: expected at most {} estimators, {} deep", kEstimatorsMax,
                                   kEstimatorDepthMax));
  }
  TRY_ASSIGN(const Object object, Object::of(value, release_));
  if (release_ == Release{}) release_ = object.release();
  TRY_ASSIGN(const auto read, registry_.find(object));
  auto made = read(object, *this);
  if (!made.ok()) return std::move(made).error();
  (*made)->set_title(object.title());
  if (object.has("feature_names_in_")) {
    TRY_ASSIGN(auto names, object.texts("feature_names_in_"));
    (*made)->set_names(std::move(names));
  }
  return EstimatorPtr(*std::move(made));
}

}  // namespace fitted
