#pragma once

#include <cstddef>
#include <string_view>

#include <simdjson.h>

#include "base/result.h"
#include "contract/codec.h"

namespace contract {

// Rows in the shapes that protocols of JSON share, read into ask.frame. `what` is what errors call
// the place: "\"data\"". All refuse where there is no row, and a column that the model has not,
// unless the reader's rows leave such out (table::RowReader::drop_unknown).

// [{"age": 41, "city": "Rome"}, [41, "Rome"], ...]; where the model has one column, a row may be
// its bare cell.
base::Result<void> read_json_rows(Reader& reader, simdjson::ondemand::value value,
                                  std::string_view what);

// {"age": [41, 42], "city": ["Rome", "Oslo"]}; a cell may stand in an array of its own.
base::Result<void> read_json_columns(Reader& reader, simdjson::ondemand::object object,
                                     std::string_view what);

// The names that say what a row's cells are, into ask.positions.
base::Result<void> read_json_names(Reader& reader, simdjson::ondemand::value value);
// [[41, "Rome"], ...], each row's cells in the order of ask.positions.
base::Result<void> read_json_positions(Reader& reader, simdjson::ondemand::value value,
                                       std::string_view what);

// {"columns": ["age", "city"], "data": [[41, "Rome"], ...]}, as pandas' to_dict("split") gives it,
// with its "index", which says nothing; without "columns" as read_json_rows reads "data".
base::Result<void> read_json_split(Reader& reader, simdjson::ondemand::object object,
                                   std::string_view what);

// {"method": "predict_proba"} and {"top_k": 3}, whichever the deployment takes; null is nothing.
base::Result<void> read_json_parameters(Reader& reader, simdjson::ondemand::value value,
                                        std::string_view what);

// The method of a model of rows: replaces what was wanted.
base::Result<void> read_json_method(Reader& reader, simdjson::ondemand::value value,
                                    std::string_view what);
base::Result<void> choose_output(Ask& ask, std::string_view name, std::string_view what);

}  // namespace contract
