#include "contract/tensor_json.h"

#include <algorithm>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include "base/base64.h"
#include "base/text.h"
#include "contract/network_input.h"
#include "contract/tensor_elements.h"
#include "table/json_numbers.h"

namespace contract {
namespace {

using base::Code;
using base::Error;
using data::Datatype;
namespace ondemand = simdjson::ondemand;

// What a message shows of a value.
constexpr std::size_t kShownMax = 40;

std::string_view trimmed_token(std::string_view token) {
  while (!token.empty() && table::plain::is_space(token.back())) token.remove_suffix(1);
  return token;
}

std::string shown(ondemand::value value) {
  ondemand::json_type type{};
  if (value.type().get(type) == simdjson::SUCCESS) {
    if (type == ondemand::json_type::array) return "an array";
    if (type == ondemand::json_type::object) return "an object";
  }
  const std::string_view token = trimmed_token(value.raw_json_token());
  const std::string_view cut = token.substr(0, kShownMax);
  return type == ondemand::json_type::string ? base::quote(cut.substr(1, cut.size() - 2))
                                             : std::string(cut);
}

bool is_type(ondemand::value& value, ondemand::json_type wanted) {
  ondemand::json_type type{};
  // What has no type, such as NaN, is for the element to refuse.
  return value.type().get(type) == simdjson::SUCCESS && type == wanted;
}

}  // namespace

TensorJson::TensorJson(Reader& reader, std::size_t input)
    : reader_(&reader),
      input_(input),
      spec_(&reader.ask.tensors.specs()[input]),
      tensor_(&reader.ask.tensors[input]) {
  tensor_->given = true;
  tensor_->type = spec_->type;
}

Error TensorJson::bad_json(simdjson::error_code code) const {
  return reader_->json.error(code, fmt::format("input {}", base::quote(name())), "JSON");
}

Error TensorJson::bad_value(ondemand::value value) const {
  return bad_element(
      name(), count_,
      fmt::format("expected {}, got {}", data::datatype_name(spec_->type), shown(value)));
}

char* TensorJson::room(std::size_t bytes) {
  constexpr std::size_t kFirst = 4096;
  if (used_ + bytes > tensor_->owned.size()) {
    tensor_->owned.resize(std::max({kFirst, tensor_->owned.capacity(), tensor_->owned.size() * 2}));
  }
  return tensor_->owned.data() + used_;
}

template <Datatype kType, typename From>
bool TensorJson::push(From number) {
  constexpr std::size_t kStepMax = 8;
  if (!store_number<kType>(number, room(kStepMax))) return false;
  used_ += data::datatype_bytes(kType);
  ++count_;
  return true;
}

template <Datatype kType>
std::optional<std::size_t> TensorJson::take_numbers_of(const char* at) {
  const std::size_t used = used_;
  const std::size_t count = count_;
  bool taken = false;
  if constexpr (kType == Datatype::Int64) {
    taken = read_integers<std::int64_t>(
        at, [&](auto each) { return this->template push<kType>(each); });
  } else if constexpr (kType == Datatype::Uint64) {
    taken = read_integers<std::uint64_t>(
        at, [&](auto each) { return this->template push<kType>(each); });
  } else {
    taken = table::read_numbers(at, [&](double each) { return this->template push<kType>(each); });
  }
  if (taken) return count_ - count;
  used_ = used;
  count_ = count;
  return std::nullopt;
}

std::optional<std::size_t> TensorJson::take_numbers(const char* at) {
  if (spec_->type == Datatype::Bytes) return std::nullopt;
  return for_datatype(spec_->type, [&]<Datatype kType>() { return take_numbers_of<kType>(at); });
}

bool TensorJson::take_flat(const char* at) { return take_numbers(at).has_value(); }

bool TensorJson::take_word(std::string_view token) {
  const auto push_any = [&](double number) {
    return for_datatype(spec_->type, [&]<Datatype kType>() { return push<kType>(number); });
  };
  if (spec_->type == Datatype::Bool) {
    return (token == "true" && push<Datatype::Bool>(1.0)) ||
           (token == "false" && push<Datatype::Bool>(0.0));
  }
  if (!reader_->ask.offer.numbers().accept_nan) return false;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (token == "NaN") return push_any(std::numeric_limits<double>::quiet_NaN());
  if (token == "Infinity") return push_any(kInfinity);
  return token == "-Infinity" && push_any(-kInfinity);
}

base::Result<void> TensorJson::take_text(ondemand::value value) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) {
    tensor_->texts.push_back(text);
    ++count_;
    return {};
  }
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return bad_value(value);
  return push_base64(object);
}

base::Result<void> TensorJson::push_base64(ondemand::object& object) {
  std::optional<std::string> bytes;
  bool alone = true;
  for (auto each : object) {
    ondemand::field field;
    if (const auto code = std::move(each).get(field)) return bad_json(code);
    std::string_view text;
    alone =
        !bytes && field.key() == "b64" && field.value().get_string().get(text) == simdjson::SUCCESS;
    if (!alone) break;
    bytes = base::base64_decode(text);
    if (!bytes) return bad_element(name(), count_, "expected base64, got " + base::quote(text));
  }
  if (!bytes || !alone) {
    return bad_element(name(), count_, "expected a text or {\"b64\": \"...\"}, got an object");
  }
  tensor_->texts.push_back(tensor_->copies.emplace_back(*std::move(bytes)));
  ++count_;
  return {};
}

base::Result<void> TensorJson::take_base64(ondemand::object object) {
  TRY(reach(0));
  return push_base64(object);
}

base::Result<void> TensorJson::take_base64_row(ondemand::object object) {
  ++rows_;
  TRY(reach(1));
  return push_base64(object);
}

base::Result<void> TensorJson::take_one(ondemand::value value) {
  if (spec_->type == Datatype::Bytes) return take_text(value);
  const std::string_view token = value.raw_json_token();
  bool taken = false;
  if (is_long_integer(spec_->type)) {
    std::int64_t integer = 0;
    std::uint64_t natural = 0;
    if (read_integer(token.data(), integer) != nullptr) {
      taken = spec_->type == Datatype::Int64 ? push<Datatype::Int64>(integer)
                                             : push<Datatype::Uint64>(integer);
    } else if (read_integer(token.data(), natural) != nullptr) {
      taken = spec_->type == Datatype::Uint64 && push<Datatype::Uint64>(natural);
      if (!taken) return bad_value(value);
    }
  }
  double number = 0;
  if (!taken && table::read_number(token.data(), number)) {
    taken = for_datatype(spec_->type, [&]<Datatype kType>() { return push<kType>(number); });
  }
  if (taken || take_word(trimmed_token(token))) return {};
  return bad_value(value);
}

base::Result<void> TensorJson::reach(std::size_t depth) {
  if (!rank_) rank_ = depth;
  if (*rank_ == depth) return {};
  return bad_tensor(name(), fmt::format("expected arrays nested alike, got an element at level {} "
                                        "and one at {}",
                                        *rank_, depth));
}

base::Result<void> TensorJson::close(std::size_t depth, std::size_t count) {
  if (!extents_[depth]) extents_[depth] = count;
  if (*extents_[depth] == count) return {};
  return bad_tensor(name(), fmt::format("expected arrays of one length at each level, got one of "
                                        "{} and one of {} at level {}",
                                        *extents_[depth], count, depth));
}

base::Result<void> TensorJson::take_array(ondemand::value value, std::size_t depth, bool measured) {
  if (depth == kRankMax) {
    return bad_tensor(name(), fmt::format("expected at most {} levels of arrays", kRankMax));
  }
  std::size_t count = 0;
  if (const auto numbers = take_numbers(value.raw_json_token().data())) {
    count = *numbers;
    if (measured) TRY(reach(depth + 1));
  } else {
    ondemand::array items;
    if (const auto code = value.get_array().get(items)) return bad_json(code);
    for (auto each : items) {
      ondemand::value item;
      if (const auto code = std::move(each).get(item)) return bad_json(code);
      TRY(take(item, depth + 1, measured));
      ++count;
    }
    // What stands in an array of nothing nobody says.
    if (measured && count == 0 && rank_.value_or(depth) <= depth) TRY(reach(depth + 1));
  }
  return measured ? close(depth, count) : base::Result<void>{};
}

base::Result<void> TensorJson::take(ondemand::value value, std::size_t depth, bool measured) {
  if (is_type(value, ondemand::json_type::array)) return take_array(value, depth, measured);
  if (measured) TRY(reach(depth));
  return take_one(value);
}

base::Result<void> TensorJson::take_row(ondemand::value value) {
  ++rows_;
  return take(value, 1, true);
}

base::Result<void> TensorJson::end() {
  if (spec_->type != Datatype::Bytes) {
    tensor_->bytes = std::string_view(tensor_->owned).substr(0, used_);
  }
  return end_tensor(reader_->ask.tensors, input_);
}

base::Result<void> TensorJson::end_flat(const TensorHead& head) {
  if (count_ != head.elements()) {
    return bad_tensor(name(),
                      fmt::format("\"data\": expected {} elements as \"shape\" says, got {}",
                                  head.elements(), count_));
  }
  return end();
}

base::Result<void> TensorJson::end_nested() {
  if (rows_ > 0) extents_[0] = rows_;
  for (std::size_t i = 0; i < rank_.value_or(0); ++i) {
    tensor_->shape.push_back(static_cast<std::int64_t>(extents_[i].value_or(0)));
  }
  return end();
}

namespace {

// The inputs that a request has begun, whichever came first.
class Begun {
 public:
  explicit Begun(Reader& reader) : reader_(reader) {
    begun_.resize(reader.ask.tensors.specs().size());
  }
  TensorJson& operator[](std::size_t input) {
    if (!begun_[input]) begun_[input].emplace(reader_, input);
    return *begun_[input];
  }
  base::Result<void> end() {
    for (auto& each : begun_) {
      if (each) TRY(each->end_nested());
    }
    return check_all_given(reader_.ask.tensors);
  }

 private:
  Reader& reader_;
  std::vector<std::optional<TensorJson>> begun_;
};

// Calls `take` with each input that the object names and its value, each once.
template <typename Take>
base::Result<void> for_each_input(Reader& reader, ondemand::object& object, std::string_view what,
                                  const Take& take) {
  std::vector<bool> seen(reader.ask.tensors.specs().size());
  const auto read_one = [&](ondemand::field& field) -> base::Result<void> {
    std::string_view key;
    if (const auto code = field.unescaped_key().get(key)) {
      return reader.json.error(code, what, "JSON");
    }
    TRY_ASSIGN(const std::size_t input, find_network_input(reader.ask.tensors, key));
    if (seen[input]) return bad_tensor(key, "expected it once, got it twice");
    seen[input] = true;
    return take(input, field.value());
  };
  TRY(for_each_field(reader.json, object, what, read_one));
  const auto missing = std::find(seen.begin(), seen.end(), false);
  if (missing == seen.end()) return {};
  const auto& spec = reader.ask.tensors.specs()[static_cast<std::size_t>(missing - seen.begin())];
  return bad_tensor(spec.name, fmt::format("expected {}, got none", engine::tensor_form(spec)));
}

// Whether an object is a text in base64, and no input of such a name is meant.
base::Result<bool> is_base64(Reader& reader, ondemand::object& object, std::string_view what) {
  const engine::TensorSpec& spec = reader.ask.tensors.specs().front();
  if (reader.ask.tensors.specs().size() > 1 || spec.type != Datatype::Bytes || spec.name == "b64") {
    return false;
  }
  bool found = false;
  for (auto each : object) {
    ondemand::field field;
    if (const auto code = std::move(each).get(field)) {
      return reader.json.error(code, what, "JSON");
    }
    found = field.key() == "b64";
    break;
  }
  if (const auto code = object.reset().error()) return reader.json.error(code, what, "JSON");
  return found;
}

base::Result<void> read_instance(Reader& reader, ondemand::value value, std::size_t row,
                                 Begun& begun) {
  const std::string what = fmt::format("row {}", row);
  const bool single = reader.ask.tensors.specs().size() == 1;
  ondemand::json_type type{};
  const bool typed = value.type().get(type) == simdjson::SUCCESS;
  if (!typed || type != ondemand::json_type::object) {
    if (single) return begun[0].take_row(value);
    return Error(Code::Invalid,
                 fmt::format("{}: expected an object of the inputs, got {}", what, shown(value)));
  }
  ondemand::object object;
  if (const auto code = value.get_object().get(object)) {
    return reader.json.error(code, what, "an object");
  }
  TRY_ASSIGN(const bool base64, is_base64(reader, object, what));
  if (base64) return begun[0].take_base64_row(object);
  return for_each_input(reader, object, what, [&](std::size_t input, ondemand::value each) {
    return begun[input].take_row(each);
  });
}

}  // namespace

base::Result<void> read_json_instances(Reader& reader, ondemand::value value,
                                       std::string_view what) {
  ondemand::array rows;
  if (const auto code = value.get_array().get(rows)) {
    return reader.json.error(code, what, "an array of rows");
  }
  Begun begun(reader);
  std::size_t row = 0;
  for (auto each : rows) {
    ondemand::value one;
    if (const auto code = std::move(each).get(one)) {
      return reader.json.error(code, fmt::format("row {}", row), "JSON");
    }
    TRY(read_instance(reader, one, row++, begun));
  }
  if (row > 0) return begun.end();
  return Error(Code::Invalid, fmt::format("{}: expected at least one row, got none", what));
}

base::Result<void> read_json_tensors(Reader& reader, ondemand::value value, std::string_view what) {
  Begun begun(reader);
  ondemand::json_type type{};
  const bool typed = value.type().get(type) == simdjson::SUCCESS;
  if (typed && type == ondemand::json_type::object) {
    ondemand::object object;
    if (const auto code = value.get_object().get(object)) {
      return reader.json.error(code, what, "an object");
    }
    TRY_ASSIGN(const bool base64, is_base64(reader, object, what));
    if (base64) {
      TRY(begun[0].take_base64(object));
    } else {
      TRY(for_each_input(reader, object, what, [&](std::size_t input, ondemand::value each) {
        return begun[input].take_nested(each);
      }));
    }
    return begun.end();
  }
  if (reader.ask.tensors.specs().size() > 1) {
    return Error(Code::Invalid,
                 fmt::format("{}: expected an object of the inputs, got {}", what, shown(value)));
  }
  TRY(begun[0].take_nested(value));
  return begun.end();
}

}  // namespace contract
