#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "base/result.h"
#include "contract/codec.h"
#include "contract/network_input.h"

namespace contract::oip_rest {

// The body of a POST .../infer: fills what is asked, and keeps what the answer repeats or has its
// form from. Its memory is kept from one request to the next.
class Request {
 public:
  base::Result<void> read(const Incoming& in, Reader& reader);

  const std::string& id() const { return id_; }  // Empty: none came.
  // Whether that of Ask::outputs goes out in binary.
  bool is_binary(std::size_t at) const { return binary_[at].value_or(binary_by_default_); }

 private:
  using Object = simdjson::ondemand::object;
  using Value = simdjson::ondemand::value;
  base::Result<void> read_raw(std::string_view body, Ask& ask);
  base::Result<void> read_head(Reader& reader, Object& object);
  base::Result<void> read_parameters(Reader& reader, Value value);
  base::Result<void> read_outputs(Reader& reader, Value value);
  base::Result<void> read_output(Reader& reader, Object output);
  base::Result<void> read_inputs(Reader& reader, Object& object, AnyInput& input);
  base::Result<void> read_tensor(Reader& reader, Object tensor, AnyInput& input);
  base::Result<std::string_view> take_binary(const TensorHead& head, std::uint64_t bytes);
  void want_all(Ask& ask);

  std::string id_;
  bool binary_by_default_ = false;
  std::vector<std::optional<bool>> binary_;  // Of each of Ask::outputs, where it says so itself.
  std::string_view tensors_;                 // Binary data that no input has taken yet.
};

}  // namespace contract::oip_rest
