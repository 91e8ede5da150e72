#include "contract/request_fields.h"

#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "base/text.h"
#include "table/json_numbers.h"

namespace contract {
namespace {

using base::Code;
using base::Error;
namespace ondemand = simdjson::ondemand;

constexpr std::uint64_t kTopKMax = 1'000'000'000;

}  // namespace

base::Result<std::size_t> read_top_k(ondemand::value value) {
  // As a double, too: Vertex AI's clients have no integers and send 3.0.
  double top_k = 0;
  if (!table::read_number(value.raw_json_token().data(), top_k) || top_k < 1 ||
      top_k > static_cast<double>(kTopKMax) || top_k != std::floor(top_k)) {
    return Error(Code::Invalid,
                 fmt::format("\"top_k\": expected an integer from 1 to {}", kTopKMax));
  }
  return static_cast<std::size_t>(top_k);
}

Error unknown_key(ondemand::field& field, JsonBody& json,
                  const std::vector<std::string_view>& known) {
  std::string_view key;
  if (const auto code = field.unescaped_key().get(key)) return json.error(code, "body", "JSON");
  const auto near = base::nearest(key, known);
  return {Code::Invalid,
          fmt::format("body: unknown key {}; {}", base::quote(key),
                      near ? fmt::format("did you mean \"{}\"?", *near)
                           : fmt::format("expected \"{}\"", fmt::join(known, "\", \"")))};
}

Error repeated_key(std::string_view key) {
  return {Code::Invalid, fmt::format("\"{}\": expected it once, got it twice", key)};
}

Error no_classification() {
  return {Code::Invalid,
          "\"classification\": expected none: ask for the output itself, which has the labels"};
}

Error no_shared_memory() {
  return {Code::Invalid,
          "\"shared_memory_region\": expected the data itself: there is no shared memory here"};
}

}  // namespace contract
