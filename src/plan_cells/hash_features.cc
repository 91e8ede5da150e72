#include "plan_cells/hash_features.h"

#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "data/frame.h"
#include "data/json_cell.h"

namespace plan {
namespace {

struct HashFeaturesState final : State {
  data::JsonCellReader reader;
  text::FeatureHasher::Scratch hashing;
  text::Row row;
};

}  // namespace

std::string HashFeatures::describe() const {
  return fmt::format("hash the names of {} into {} features", base::quote(name_), features());
}

std::unique_ptr<State> HashFeatures::make_state() const {
  return std::make_unique<HashFeaturesState>();
}

base::Result<void> HashFeatures::run(const Inputs& in, Buffer& out, State* state) const {
  auto& kept = static_cast<HashFeaturesState&>(*state);
  SparseMatrix& rows = out.sparse;
  rows.clear(features());
  // The rows are appended where the hasher appends; their memory goes back and forth.
  std::swap(kept.row.indices, rows.indices);
  std::swap(kept.row.values, rows.values);
  const auto cells = in[0].cells.columns[0].texts;
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const auto wrong = [&](base::Error error) {
      return std::move(error).within(
          fmt::format("row {}, column {}", in.row_of_request(i), base::quote(name_)));
    };
    if (data::is_missing(cells[i])) {
      return wrong({base::Code::Invalid, "expected names with values, got a missing value"});
    }
    const auto values = kept.reader.read(cells[i], form_);
    if (!values.ok()) return wrong(values.error());
    kept.hashing.hashed.clear();
    for (const data::NamedValue& each : *values) {
      if (each.kind == data::NamedValue::Kind::Text) {
        hasher_.add(each.name, each.text, kept.hashing);
      } else {
        const bool alone = each.kind == data::NamedValue::Kind::Alone;
        hasher_.add(each.name, alone ? 1.0 : each.number, kept.hashing);
      }
    }
    hasher_.end_row(kept.hashing, kept.row);
    rows.starts.push_back(kept.row.values.size());
    ++rows.rows;
  }
  std::swap(kept.row.indices, rows.indices);
  std::swap(kept.row.values, rows.values);
  return {};
}

}  // namespace plan
