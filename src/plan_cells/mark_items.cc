#include "plan_cells/mark_items.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/text.h"
#include "data/frame.h"

namespace plan {

std::string MarkItems::describe() const {
  return fmt::format("mark items parted by {} in {} columns", base::quote(marks_.delimiter),
                     marks_.width);
}

base::Error MarkItems::refusal(std::size_t row_of_request, std::string_view got) const {
  return {base::Code::Invalid,
          fmt::format("row {}, column {}: expected items of {} known ones, got {}", row_of_request,
                      base::quote(marks_.name), marks_.places.size(), got)};
}

base::Result<void> MarkItems::mark(std::string_view text, std::size_t row_of_request,
                                   double* row) const {
  while (true) {
    const std::size_t end = std::min(text.find(marks_.delimiter), text.size());
    const std::string_view item = unicode_.stripped(text.substr(0, end));
    if (const auto place = marks_.places.find(item); place != marks_.places.end()) {
      row[place->second] = 1;
    } else if (!item.empty() && marks_.unknown == ItemMarks::Unknown::Refused) {
      return refusal(row_of_request, base::quote(item));
    } else if (!item.empty() && marks_.unknown == ItemMarks::Unknown::AllNan) {
      std::fill_n(row, marks_.width, std::numeric_limits<double>::quiet_NaN());
      return {};
    } else if (!item.empty() && marks_.unknown == ItemMarks::Unknown::Marked) {
      row[marks_.unknown_place] = 1;
    }
    if (end == text.size()) return {};
    text.remove_prefix(end + marks_.delimiter.size());
  }
}

base::Result<void> MarkItems::run(const Inputs& in, Buffer& out, State*) const {
  const auto texts = in[0].cells.columns[0].texts;
  out.dense.resize(in.rows(), marks_.width);
  std::fill(out.dense.values.begin(), out.dense.values.end(), 0.0);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    double* row = out.dense.row(i);
    if (!data::is_missing(texts[i])) {
      TRY(mark(texts[i], in.row_of_request(i), row));
      continue;
    }
    if (!marks_.missing) return refusal(in.row_of_request(i), "a missing value");
    std::copy(marks_.missing->begin(), marks_.missing->end(), row);
  }
  return {};
}

}  // namespace plan
