#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "table/row_source.h"
#include "table/source.h"

namespace table {

// A source of which the begin is looked at before it is read: what was read until rewind() comes
// once more.
class RewoundSource final : public Source {
 public:
  // `source` must outlive it.
  explicit RewoundSource(Source& source) : source_(source) {}

  base::Result<std::size_t> read(std::span<char> into) override;
  void rewind() {
    replays_ = true;
    at_ = 0;
  }

 private:
  Source& source_;
  std::vector<char> kept_;
  std::size_t at_ = 0;
  bool replays_ = false;
};

// The columns that the first row of a file has, whatever a model expects: for a model that takes
// as many as come.
struct FirstRow {
  std::vector<std::string> names;  // Empty: they have none.
  std::size_t cells = 0;
};

// The names in a CSV's header, as CsvReader takes it. `name` is what messages call the source.
base::Result<FirstRow> first_csv_row(const std::string& name, Source& source, char delimiter,
                                     const Limits& limits = {});
// Of JSON lines: the names of the first object in their order, or how many cells an array has.
// Refuses what is neither, malformed JSON, a name twice, and no row at all.
base::Result<FirstRow> first_json_row(const std::string& name, Source& source,
                                      const Limits& limits = {});

}  // namespace table
