#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "contract/answer.h"
#include "contract/json_body.h"
#include "data/frame.h"
#include "plan/plan.h"
#include "scorer/columns_scorer.h"
#include "scorer/match_scorer.h"
#include "table/json_row.h"

namespace contract::azureml {

// POST /score, as the web services of Azure ML are called.
//
// A match:    {"input": "<question>", "top_k": 3}  ->  [[id, answer_id, score], ...]
// Columns:    {"data": [{"age": 41, "city": "Rome"}, ...], "method": "predict_proba"}
//             {"columns": ["age", "city"], "data": [[41, "Rome"], ...]}
//             ->  one element a row, as scikit-learn's answer.tolist() would be
// Errors:     {"message": "..."}

struct MatchRequest {
  std::string_view input;  // A view into the parser's memory.
  std::optional<std::size_t> top_k;
};

base::Result<MatchRequest> decode_match(std::string_view body, JsonBody& json);
void encode_match(std::span<const scorer::Ranked> ranked, const scorer::Candidates& candidates,
                  std::string& out);

// Reads the rows into `frame` (cleared first) and gives the method that was asked for.
// `positions` is memory for the order of "columns".
base::Result<plan::Method> decode_rows(std::string_view body, JsonBody& json,
                                       const scorer::ColumnsScorer& scorer,
                                       table::RowReader& reader,
                                       std::vector<std::size_t>& positions, data::Frame& frame);

void encode_error(std::string_view message, std::string& out);

}  // namespace contract::azureml
