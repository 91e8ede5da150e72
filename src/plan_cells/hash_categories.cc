#include "plan_cells/hash_categories.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "data/frame.h"

namespace plan {
namespace {

struct HashCategoriesState final : State {
  explicit HashCategoriesState(const base::NamedHash& hash) : scratch(hash) {}
  base::NamedHash::Scratch scratch;
};

std::size_t bucket_of(std::span<const std::uint8_t> digest, std::size_t buckets) {
  std::uint64_t left = 0;
  for (const std::uint8_t byte : digest) left = (left * 256 + byte) % buckets;
  return static_cast<std::size_t>(left);
}

}  // namespace

std::string HashCategories::describe() const {
  return fmt::format("count {} columns of texts in {} buckets by {}", names_.size(), buckets_,
                     hash_.name());
}

std::unique_ptr<State> HashCategories::make_state() const {
  return std::make_unique<HashCategoriesState>(hash_);
}

base::Result<void> HashCategories::run(const Inputs& in, Buffer& out, State* state) const {
  auto& scratch = static_cast<HashCategoriesState&>(*state).scratch;
  const Cells& cells = in[0].cells;
  out.dense.resize(in.rows(), buckets_);
  std::fill(out.dense.values.begin(), out.dense.values.end(), 0.0);
  for (std::size_t c = 0; c < cells.columns.size(); ++c) {
    for (std::size_t i = 0; i < in.rows(); ++i) {
      const std::string_view text = cells.columns[c].texts[i];
      if (data::is_missing(text)) {
        return base::Error(
            base::Code::Invalid,
            fmt::format("row {}, column {}: expected a text, got a missing value, of which Python "
                        "hashes NaN and leaves None out",
                        in.row_of_request(i), base::quote(names_[c])));
      }
      out.dense.row(i)[bucket_of(hash_.digest(text, scratch), buckets_)] += 1;
    }
  }
  return {};
}

}  // namespace plan
