#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plan/step.h"
#include "text/unicode.h"

namespace plan {

// A text of several items, "red|green", to a mark of 1 for each of them.
struct ItemMarks {
  // What becomes of an item that is not known.
  enum class Unknown : std::uint8_t { Ignored, Refused, AllNan, Marked };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  std::string delimiter;  // Not empty.
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> places;
  std::size_t width = 0;
  Unknown unknown = Unknown::Ignored;
  std::size_t unknown_place = 0;               // Marked
  std::optional<std::vector<double>> missing;  // The row of a missing text; nothing: refused.
  std::string name;                            // Of the column, for messages.
};

// Space around an item, as Python knows it, is none of it.
class MarkItems final : public Step {
 public:
  // Precondition: places below `width`, and `missing` as wide.
  MarkItems(ItemMarks marks, text::PythonVersion python)
      : marks_(std::move(marks)), unicode_(text::Unicode::of(python)) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 100 + static_cast<double>(marks_.width); }

 private:
  base::Result<void> mark(std::string_view text, std::size_t row_of_request, double* row) const;
  base::Error refusal(std::size_t row_of_request, std::string_view got) const;

  ItemMarks marks_;
  const text::Unicode& unicode_;
};

}  // namespace plan
