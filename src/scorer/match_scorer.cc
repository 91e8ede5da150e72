#include "scorer/match_scorer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "sklearn/model.h"

namespace scorer {
namespace {

using base::Code;
using base::Error;
using plan::Form;
using plan::Method;

// Rows of pairs that the plain way scores at once.
constexpr std::size_t kBlockRows = 1024;

// An object, not a function: sorting calls it without a jump.
constexpr auto kBetter = [](const Ranked& a, const Ranked& b) {
  return a.score != b.score ? a.score > b.score : a.candidate < b.candidate;
};

base::Result<std::size_t> text_column(const plan::Plan& plan, const std::string& name) {
  const auto column = plan.signature().find(name);
  if (!column || plan.signature().columns[*column].type != data::ColumnType::Text) {
    std::string got;
    for (const data::Column& each : plan.signature().columns) {
      got += fmt::format("{}{} ({})", got.empty() ? "" : ", ", each.name,
                         data::column_type_name(each.type));
    }
    return Error(Code::Invalid, fmt::format("match: expected a text column {} of the pipeline, "
                                            "got {}",
                                            base::quote(name), got));
  }
  return *column;
}

// Euclidean length; 1 for a vector of zeros, which is like nothing.
double length(std::span<const double> values) {
  double squares = 0;
  for (const double value : values) squares += value * value;
  return squares > 0 ? std::sqrt(squares) : 1;
}

// The method whose last column is the probability of a match.
Method pair_method(const sklearn::Model& model) {
  const auto methods = model.methods();
  const bool proba =
      std::find(methods.begin(), methods.end(), Method::PredictProba) != methods.end();
  return proba ? Method::PredictProba : Method::Predict;
}

}  // namespace

base::Result<MatchScorer> MatchScorer::make(const sklearn::Model& model, const model::Match& recipe,
                                            Candidates candidates, MatchOptions options) {
  auto shared = std::make_shared<const Candidates>(std::move(candidates));
  TRY_ASSIGN(MatchScorer made, recipe.by == model::MatchBy::Pairs
                                   ? make_pairs(model, recipe, shared, options)
                                   : make_similarity(model, shared));
  made.best_per_answer_ = recipe.best_per_answer;
  made.top_k_ = recipe.top_k.value_or(made.candidates_->rows.size());
  return made;
}

base::Result<MatchScorer> MatchScorer::make_pairs(const sklearn::Model& model,
                                                  const model::Match& recipe,
                                                  std::shared_ptr<const Candidates> candidates,
                                                  MatchOptions options) {
  TRY_ASSIGN(plan::Plan plan, model.compile(pair_method(model)));
  TRY_ASSIGN(const std::size_t query_column, text_column(plan, recipe.query_column));
  TRY_ASSIGN(const std::size_t candidate_column, text_column(plan, recipe.candidate_column));
  if (plan.signature().columns.size() != 2) {
    return Error(Code::Invalid,
                 fmt::format("match: expected a pipeline of two columns, {} and {}, got {}",
                             base::quote(recipe.query_column), base::quote(recipe.candidate_column),
                             plan.signature().columns.size()));
  }
  std::string because = "it was asked for";
  if (!options.plain_pairs) {
    data::Frame frame(plan.signature());
    for (const Candidates::Row& row : candidates->rows) {
      frame.set_text(frame.add_row(), candidate_column, row.text);
    }
    auto pairs = plan::PairPlan::make(plan, query_column, frame);
    if (pairs.ok()) return MatchScorer(*std::move(pairs), std::move(candidates));
    if (pairs.error().code() != Code::Unsupported) return std::move(pairs).error();
    because = pairs.error().message();
  }
  MatchScorer made(PlainPairs{std::move(plan), query_column, candidate_column},
                   std::move(candidates));
  made.plain_because_ = std::move(because);
  return made;
}

base::Result<MatchScorer> MatchScorer::make_similarity(
    const sklearn::Model& model, std::shared_ptr<const Candidates> candidates) {
  TRY_ASSIGN(plan::Plan plan, model.compile(Method::Transform));
  const auto& columns = plan.signature().columns;
  if (columns.size() != 1 || columns[0].type != data::ColumnType::Text ||
      plan.output().form != Form::Sparse) {
    return Error(Code::Invalid,
                 "match: expected a transformer of one text column to sparse "
                 "features for \"by: similarity\"");
  }
  data::Frame frame(plan.signature());
  for (const Candidates::Row& row : candidates->rows) {
    frame.set_text(frame.add_row(), 0, row.text);
  }
  plan::Plan::Scratch scratch(plan);
  TRY_ASSIGN(const plan::Buffer* rows, plan.run(frame, scratch));
  const plan::SparseMatrix& vectors = rows->sparse;
  std::vector<std::size_t> starts(vectors.columns + 1);
  for (const std::uint32_t feature : vectors.indices) ++starts[feature + 1];
  for (std::size_t f = 0; f < vectors.columns; ++f) starts[f + 1] += starts[f];
  std::vector<std::size_t> next(starts.begin(), starts.end() - 1);
  std::vector<std::uint32_t> owners(vectors.values.size());
  std::vector<double> values(vectors.values.size());
  for (std::size_t j = 0; j < vectors.rows; ++j) {
    const auto indices = vectors.row_indices(j);
    const double divisor = length(vectors.row_values(j));
    for (std::size_t k = 0; k < indices.size(); ++k) {
      const std::size_t at = next[indices[k]]++;
      owners[at] = static_cast<std::uint32_t>(j);
      values[at] = vectors.row_values(j)[k] / divisor;
    }
  }
  return MatchScorer(
      Similarity{std::move(plan), std::move(starts), std::move(owners), std::move(values)},
      std::move(candidates));
}

double MatchScorer::query_us() const {
  struct Cost {
    double candidates;
    double operator()(const plan::PairPlan& way) const { return way.query_us(); }
    double operator()(const PlainPairs& way) const { return candidates * way.plan.row_us(); }
    double operator()(const Similarity& way) const { return way.plan.row_us() + candidates * 0.02; }
  };
  return std::visit(Cost{static_cast<double>(candidates_->rows.size())}, way_);
}

MatchScorer::Scratch::Scratch(const MatchScorer& scorer)
    : scores_(scorer.candidates_->rows.size()) {
  if (const auto* pairs = std::get_if<plan::PairPlan>(&scorer.way_)) {
    pairs_.emplace(*pairs);
  } else if (const auto* plain = std::get_if<PlainPairs>(&scorer.way_)) {
    frame_.emplace(plain->plan.signature());
    plan_.emplace(plain->plan);
  } else {
    const auto& similarity = std::get<Similarity>(scorer.way_);
    frame_.emplace(similarity.plan.signature());
    plan_.emplace(similarity.plan);
  }
}

base::Result<void> MatchScorer::score(const plan::PairPlan& way, std::string_view query,
                                      Scratch& scratch) const {
  return way.score(query, *scratch.pairs_, scratch.scores_);
}

base::Result<void> MatchScorer::score(const PlainPairs& way, std::string_view query,
                                      Scratch& scratch) const {
  const std::size_t count = candidates_->rows.size();
  for (std::size_t first = 0; first < count; first += kBlockRows) {
    const std::size_t rows = std::min(kBlockRows, count - first);
    scratch.frame_->clear();
    for (std::size_t j = 0; j < rows; ++j) {
      const std::size_t row = scratch.frame_->add_row();
      scratch.frame_->set_text(row, way.query_column, query);
      scratch.frame_->set_text(row, way.candidate_column, candidates_->rows[first + j].text);
    }
    TRY_ASSIGN(const plan::Buffer* answer, way.plan.run(*scratch.frame_, *scratch.plan_));
    const plan::Matrix& matrix = answer->dense;
    for (std::size_t j = 0; j < rows; ++j) {
      scratch.scores_[first + j] = matrix.row(j)[matrix.columns - 1];
    }
  }
  return {};
}

base::Result<void> MatchScorer::score(const Similarity& way, std::string_view query,
                                      Scratch& scratch) const {
  scratch.frame_->clear();
  scratch.frame_->set_text(scratch.frame_->add_row(), 0, query);
  TRY_ASSIGN(const plan::Buffer* answer, way.plan.run(*scratch.frame_, *scratch.plan_));
  std::fill(scratch.scores_.begin(), scratch.scores_.end(), 0.0);
  const auto indices = answer->sparse.row_indices(0);
  const auto values = answer->sparse.row_values(0);
  const double divisor = length(values);
  for (std::size_t k = 0; k < indices.size(); ++k) {
    const double value = values[k] / divisor;
    for (std::size_t at = way.starts[indices[k]]; at < way.starts[indices[k] + 1]; ++at) {
      scratch.scores_[way.candidates[at]] += value * way.values[at];
    }
  }
  return {};
}

base::Result<std::span<const double>> MatchScorer::scores(std::string_view query,
                                                          Scratch& scratch) const {
  TRY(std::visit([&](const auto& way) { return score(way, query, scratch); }, way_));
  return std::span<const double>(scratch.scores_);
}

// Of rows with one answer the first stays: they are in order.
void MatchScorer::keep_best_per_answer(Scratch& scratch) const {
  scratch.answered_.assign(candidates_->answers, 0);
  std::erase_if(scratch.ranked_, [&](const Ranked& each) {
    std::uint8_t& answered = scratch.answered_[candidates_->rows[each.candidate].answer];
    return std::exchange(answered, std::uint8_t{1}) == 1;
  });
}

base::Result<std::span<const Ranked>> MatchScorer::match(std::string_view query, std::size_t top_k,
                                                         Scratch& scratch) const {
  TRY_ASSIGN(const auto all, scores(query, scratch));
  std::vector<Ranked>& ranked = scratch.ranked_;
  ranked.clear();
  for (std::size_t j = 0; j < all.size(); ++j) {
    ranked.push_back({static_cast<std::uint32_t>(j), all[j]});
  }
  if (best_per_answer_) {
    std::sort(ranked.begin(), ranked.end(), kBetter);
    keep_best_per_answer(scratch);
    ranked.resize(std::min(top_k, ranked.size()));
    return std::span<const Ranked>(ranked);
  }
  const std::size_t wanted = std::min(top_k, ranked.size());
  const auto end = ranked.begin() + static_cast<std::ptrdiff_t>(wanted);
  if (wanted < ranked.size() / 4) {
    std::partial_sort(ranked.begin(), end, ranked.end(), kBetter);
  } else {
    std::sort(ranked.begin(), ranked.end(), kBetter);
  }
  ranked.resize(wanted);
  return std::span<const Ranked>(ranked);
}

}  // namespace scorer
