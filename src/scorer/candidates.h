#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/recipe.h"

namespace scorer {

// What a query is matched against: the rows of the candidates' file, in its order.
struct Candidates {
  struct Row {
    std::string id;
    std::string answer_id;
    std::string text;
    std::uint32_t answer = 0;  // Rows with one answer_id have one number, from 0.
  };
  std::vector<Row> rows;
  std::uint32_t answers = 0;
  // Whether every id and every answer id is an integer, and so stands bare in JSON.
  bool integer_ids = false;
  bool integer_answer_ids = false;

  // UTF-8, tab-separated, with header, no quoting. `file` stands in messages only.
  static base::Result<Candidates> parse(std::string_view file, std::string_view text,
                                        const model::Match& recipe);
};

}  // namespace scorer
