#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "base/result.h"
#include "contract/codec.h"
#include "contract/tensor_input.h"
#include "contract/tensors.h"

namespace contract {

// Reads the elements of one input of a network that came as JSON, in arrays, nested or not, into
// the ask's tensor; its datatype is the network's. Memory is taken as they come, so that it is
// bounded by the body. Texts may come as {"b64": "..."}. Refuses, with the place, what is no
// element of that datatype (tensor_elements.h); NaN, Infinity and -Infinity, which JSON has not,
// are floats where the offer accepts them.
class TensorJson {
 public:
  TensorJson(Reader& reader, std::size_t input);

  // Elements in whatever nesting: it says nothing. Of a flat array of numbers `at` is its begin;
  // false: it is no such array, and nothing was taken.
  bool take_flat(const char* at);
  base::Result<void> take_any(simdjson::ondemand::value value) { return take(value, 0, false); }
  // After the last: whether there are as many as the head says.
  base::Result<void> end_flat(const TensorHead& head);

  // Elements whose shape is how they are nested: a whole tensor, or one row after the other.
  base::Result<void> take_nested(simdjson::ondemand::value value) { return take(value, 0, true); }
  base::Result<void> take_row(simdjson::ondemand::value value);
  // A text in base64, the object of which was opened already.
  base::Result<void> take_base64(simdjson::ondemand::object object);
  base::Result<void> take_base64_row(simdjson::ondemand::object object);
  base::Result<void> end_nested();

 private:
  base::Result<void> take(simdjson::ondemand::value value, std::size_t depth, bool measured);
  base::Result<void> take_array(simdjson::ondemand::value value, std::size_t depth, bool measured);
  base::Result<void> take_one(simdjson::ondemand::value value);
  base::Result<void> take_text(simdjson::ondemand::value value);
  base::Result<void> push_base64(simdjson::ondemand::object& object);
  bool take_word(std::string_view token);
  // How many numbers there are in an array of nothing else.
  std::optional<std::size_t> take_numbers(const char* at);
  template <data::Datatype kType>
  std::optional<std::size_t> take_numbers_of(const char* at);
  template <data::Datatype kType, typename From>
  bool push(From number);
  char* room(std::size_t bytes);
  // That values stand at this depth, and that an array of it ended after so many.
  base::Result<void> reach(std::size_t depth);
  base::Result<void> close(std::size_t depth, std::size_t count);
  base::Result<void> end();
  base::Error bad_value(simdjson::ondemand::value value) const;
  base::Error bad_json(simdjson::error_code code) const;
  const std::string& name() const { return spec_->name; }

  Reader* reader_;
  std::size_t input_;
  const engine::TensorSpec* spec_;
  Tensors::Tensor* tensor_;
  std::size_t used_ = 0;   // Bytes of tensor_->owned.
  std::size_t count_ = 0;  // Elements.
  std::size_t rows_ = 0;
  std::optional<std::size_t> rank_;
  std::array<std::optional<std::size_t>, kRankMax> extents_;
};

// {"instances": [...]}: one row an element, which is its value where the network has one input,
// else an object of them by their names.
base::Result<void> read_json_instances(Reader& reader, simdjson::ondemand::value value,
                                       std::string_view what);
// {"inputs": ...}: whole tensors by their names, or, of one input, its value.
base::Result<void> read_json_tensors(Reader& reader, simdjson::ondemand::value value,
                                     std::string_view what);

}  // namespace contract
