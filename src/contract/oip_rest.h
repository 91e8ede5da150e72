#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
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
#include "scorer/scorer.h"
#include "table/json_row.h"

namespace contract::oip_rest {

// Open Inference Protocol V2 over REST, JSON tensors.
//
// A match takes `input` BYTES[n] and gives `id`, `answer_id` and `probability` of shape [n, k];
// the request parameter `top_k` says k. Columns come as one tensor a column, shape [n] or [n, 1],
// or, where all are numbers, as one tensor of shape [n, columns]; the outputs are the methods
// that the model has.
// Errors: {"error": "..."}

// What is common to requests of both kinds.
struct Request {
  std::string id;                    // Empty: none was given.
  std::vector<std::string> outputs;  // Empty: all.
  std::optional<std::size_t> top_k;  // parameters.top_k
};

// Reads the texts of `input`; views into the parser's memory.
base::Result<Request> decode_match(std::string_view body, JsonBody& json,
                                   std::vector<std::string_view>& inputs);

// Reads the rows into `frame`, which is cleared first.
base::Result<Request> decode_columns(std::string_view body, JsonBody& json,
                                     const scorer::ColumnsScorer& scorer, table::RowReader& reader,
                                     data::Frame& frame);

// The methods that a request for columns asks for, in its order.
base::Result<std::vector<plan::Method>> choose_methods(const Request& request,
                                                       const scorer::ColumnsScorer& scorer);

// {"model_name": ..., "id"?: ..., "outputs": [ of which the caller writes tensors, then finish.
void begin_response(std::string_view model, const Request& request, std::string& out);
void finish_response(std::string& out);
// What one method answered.
struct MethodAnswer {
  plan::Method method;
  const plan::Output& output;
  const AnswerText& text;
  const plan::Buffer& answer;
  std::size_t rows;
};
// It as a tensor; `first`: no tensor came before.
void append_tensor(const MethodAnswer& answered, bool first, std::string& out);

// The answers of several queries, `k` for each.
void append_match_tensors(const Request& request, std::span<const scorer::Ranked> ranked,
                          std::size_t queries, std::size_t k, const scorer::Candidates& candidates,
                          std::string& out);
base::Result<void> check_match_outputs(const Request& request);

void encode_server_metadata(std::string_view version, std::string& out);
void encode_model_metadata(std::string_view model, const scorer::Scorer& scorer, std::string& out);
void encode_error(std::string_view message, std::string& out);

}  // namespace contract::oip_rest
