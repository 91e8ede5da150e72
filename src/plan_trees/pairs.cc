#include "plan_trees/pairs.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "plan/columns.h"
#include "plan_trees/trees.h"

namespace plan {
namespace {

// Which side a slot depends on.
struct Sides {
  bool query = false;
  bool candidate = false;
};

base::Error unfactored(std::string_view why) {
  return {base::Code::Unsupported, fmt::format("pair factorisation: {}", why)};
}

std::vector<Sides> find_sides(const Plan& plan, std::size_t query_column) {
  std::vector<Sides> sides(plan.slots());
  for (const Instruction& each : plan.instructions()) {
    Sides& side = sides[each.output];
    for (const std::size_t column : each.step->frame_columns()) {
      (column == query_column ? side.query : side.candidate) = true;
    }
    for (const std::size_t input : each.inputs) {
      side.query |= sides[input].query;
      side.candidate |= sides[input].candidate;
    }
  }
  return sides;
}

// The one instruction that leaves `slot`; slots are written once.
const Instruction* writer_of(const Plan& plan, std::size_t slot) {
  for (const Instruction& each : plan.instructions()) {
    if (each.output == slot) return &each;
  }
  return nullptr;
}

// Where the forest stands in the plan, and what it reads.
struct Shape {
  const Instruction* trees = nullptr;
  const Trees* forest = nullptr;
  const Instruction* stack = nullptr;
  const HStack* parts = nullptr;
};

base::Result<Shape> find_shape(const Plan& plan) {
  Shape shape;
  for (const Instruction& each : plan.instructions()) {
    const auto* forest = dynamic_cast<const Trees*>(each.step.get());
    if (forest == nullptr) continue;
    if (shape.forest != nullptr) return unfactored("expected one forest, got several");
    shape.trees = &each;
    shape.forest = forest;
  }
  if (shape.forest == nullptr || shape.forest->ensemble() == nullptr) {
    return unfactored("expected a forest behind the features, got none");
  }
  shape.stack = writer_of(plan, shape.trees->inputs[0]);
  shape.parts =
      shape.stack == nullptr ? nullptr : dynamic_cast<const HStack*>(shape.stack->step.get());
  if (shape.parts == nullptr) {
    return unfactored("expected features of query and candidate side by side");
  }
  return shape;
}

// A candidate's features, joined over the parts that are its own.
struct CandidateRows {
  std::vector<std::size_t> starts{0};
  std::vector<std::uint32_t> indices;
  std::vector<double> values;

  std::vector<forest::SparseRow> rows() const {
    std::vector<forest::SparseRow> rows;
    for (std::size_t j = 0; j + 1 < starts.size(); ++j) {
      const std::size_t count = starts[j + 1] - starts[j];
      rows.push_back({{indices.data() + starts[j], count}, {values.data() + starts[j], count}});
    }
    return rows;
  }
};

void append_row(const Buffer& buffer, Form form, std::size_t row, std::size_t first,
                std::vector<std::uint32_t>& indices, std::vector<double>& values) {
  if (form == Form::Sparse) {
    for (const std::uint32_t index : buffer.sparse.row_indices(row)) {
      indices.push_back(static_cast<std::uint32_t>(first + index));
    }
    const auto from = buffer.sparse.row_values(row);
    values.insert(values.end(), from.begin(), from.end());
    return;
  }
  const double* from = buffer.dense.row(row);
  for (std::size_t c = 0; c < buffer.dense.columns; ++c) {
    if (from[c] == 0) continue;
    indices.push_back(static_cast<std::uint32_t>(first + c));
    values.push_back(from[c]);
  }
}

}  // namespace

PairPlan::Scratch::Scratch(const PairPlan& plan)
    : query_frame_(plan.signature_),
      query_(plan.query_steps_, plan.slots_),
      answer_(plan.answer_steps_, plan.slots_) {}

base::Result<PairPlan> PairPlan::make(const Plan& plan, std::size_t query_column,
                                      const data::Frame& candidates) {
  TRY_ASSIGN(const Shape shape, find_shape(plan));
  const std::vector<Sides> sides = find_sides(plan, query_column);
  PairPlan made;
  made.signature_ = plan.signature();
  made.query_column_ = query_column;
  made.slots_ = plan.slots();

  std::vector<Instruction> candidate_steps;
  bool behind = false;
  for (const Instruction& each : plan.instructions()) {
    if (behind) {
      made.answer_steps_.push_back(each);
    } else if (&each == shape.trees) {
      behind = true;
    } else if (&each != shape.stack) {
      const Sides& side = sides[each.output];
      if (side.query && side.candidate) {
        return unfactored("expected features of either side, got one of both");
      }
      (side.query ? made.query_steps_ : candidate_steps).push_back(each);
    }
  }

  plan::Scratch scratch(candidate_steps, plan.slots());
  TRY(run(candidate_steps, Window::all_of(candidates), scratch));
  const auto& widths = shape.parts->parts();
  std::vector<forest::Side> feature_sides;
  for (std::size_t p = 0; p < widths.size(); ++p) {
    const bool query = sides[shape.stack->inputs[p]].query;
    if (query) {
      made.query_parts_.push_back({shape.stack->inputs[p], widths[p].form, feature_sides.size()});
    }
    feature_sides.insert(feature_sides.end(), widths[p].width,
                         query ? forest::Side::Query : forest::Side::Candidate);
  }
  CandidateRows rows;
  for (std::size_t j = 0; j < candidates.rows(); ++j) {
    std::size_t first = 0;
    for (std::size_t p = 0; p < widths.size(); ++p) {
      const std::size_t slot = shape.stack->inputs[p];
      if (!sides[slot].query) {
        append_row(scratch[slot], widths[p].form, j, first, rows.indices, rows.values);
      }
      first += widths[p].width;
    }
    rows.starts.push_back(rows.indices.size());
  }
  TRY_ASSIGN(forest::Pairs pairs,
             forest::Pairs::make(*shape.forest->ensemble(), feature_sides, rows.rows()));
  made.pairs_ = std::make_shared<forest::Pairs>(std::move(pairs));
  made.raw_slot_ = shape.trees->output;
  made.answer_slot_ = plan.result();
  auto empty = std::make_shared<data::Frame>(data::Signature{});
  for (std::size_t j = 0; j < candidates.rows(); ++j) empty->add_row();
  made.rows_ = std::move(empty);
  return made;
}

double PairPlan::query_us() const {
  double sum = static_cast<double>(candidates()) * 100;
  for (const Instruction& each : query_steps_) sum += each.step->row_ns();
  return sum / 1000;
}

void PairPlan::join_parts(Scratch& scratch) const {
  scratch.indices_.clear();
  scratch.values_.clear();
  for (const Part& part : query_parts_) {
    append_row(scratch.query_[part.slot], part.form, 0, part.first, scratch.indices_,
               scratch.values_);
  }
}

base::Result<void> PairPlan::score(std::string_view query, Scratch& scratch,
                                   std::span<double> scores) const {
  scratch.query_frame_.clear();
  scratch.query_frame_.add_row();
  scratch.query_frame_.set_text(0, query_column_, query);
  TRY(run(query_steps_, Window::all_of(scratch.query_frame_), scratch.query_));
  join_parts(scratch);
  Matrix& raw = scratch.answer_[raw_slot_].dense;
  raw.resize(candidates(), 1);
  pairs_->score({scratch.indices_, scratch.values_}, scratch.pairs_, raw.values);
  TRY(run(answer_steps_, Window::all_of(*rows_), scratch.answer_));
  const Matrix& answer = scratch.answer_[answer_slot_].dense;
  const double* last = answer.values.data() + answer.columns - 1;
  for (std::size_t j = 0; j < scores.size(); ++j) scores[j] = last[j * answer.columns];
  return {};
}

}  // namespace plan
