#include "boosters/category_columns.h"

#include <fmt/format.h>

#include "forest/catboost_columns.h"

namespace boosters {
namespace {

struct CategoryState final : plan::State {
  forest::CatScratch scratch;
};

// What pandas' missing values are as texts, which CatBoost asks for.
constexpr std::string_view kMissingCategory = "nan";

}  // namespace

std::string CategoryColumns::describe() const {
  return fmt::format("statistics and positions of {} categorical features",
                     model_->category_columns.size());
}

std::unique_ptr<plan::State> CategoryColumns::make_state() const {
  return std::make_unique<CategoryState>();
}

double CategoryColumns::row_ns() const {
  return 20 + 20 * static_cast<double>(model_->category_columns.size()) +
         40 * static_cast<double>(model_->ctrs.size());
}

base::Result<void> CategoryColumns::run(const plan::Inputs& in, plan::Buffer& out,
                                        plan::State* state) const {
  forest::CatScratch& scratch = static_cast<CategoryState*>(state)->scratch;
  const plan::Cells& cells = in[0].cells;
  const std::size_t width = model_->ensemble.features;
  out.dense.resize(in.rows(), width);
  scratch.hashes.resize(model_->category_columns.size());
  for (std::size_t i = 0; i < in.rows(); ++i) {
    double* row = out.dense.row(i);
    for (std::size_t f = 0; f < model_->float_columns.size(); ++f) {
      row[f] = cells.columns[model_->float_columns[f]].numbers[i];
    }
    for (std::size_t f = 0; f < scratch.hashes.size(); ++f) {
      const std::string_view text = cells.columns[model_->category_columns[f]].texts[i];
      scratch.hashes[f] = forest::catboost_hash(data::is_missing(text) ? kMissingCategory : text);
    }
    forest::fill_category_columns(*model_, scratch, {row, width});
  }
  return {};
}

}  // namespace boosters
