#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/reference.h"

namespace contract::oip_repository {

// The model repository extension of the Open Inference Protocol: which models there are, loading
// and unloading them. Over REST, and over gRPC in the forms that Triton's and KServe's clients
// send.

// Which version a load asks for: the body's parameters "version" (3 or "3") or "alias", else the
// newest. `name` is the model's. Refused are parameters that hold a model or its configuration:
// models come from the workspace alone.
base::Result<model::Reference> decode_load(std::string_view name, std::string_view body);
base::Result<model::Reference> decode_load_call(std::string_view name, std::string_view request);

// The name of the model in a request to load or to unload it, where either client puts it.
std::string_view find_model_name(std::string_view request);

enum class Done : std::uint8_t { Loaded, Unloaded };
// {"name":"faq","version":"3","load":true}
void encode_done(Done done, std::string_view model, std::string_view version, std::string& out);
void encode_done_call(Done done, std::string_view model, std::string& out);

// One line of the repository's index.
struct Entry {
  enum class State : std::uint8_t { Ready, Loading, Unavailable };
  std::string model;
  std::string version;
  State state = State::Ready;
  std::string reason;
};
void encode_index(std::span<const Entry> entries, std::string& out);
void encode_index_call(std::span<const Entry> entries, std::string& out);
// What the request for it asks: whether only those that are ready are wanted.
base::Result<bool> decode_index(std::string_view body);
base::Result<bool> decode_index_call(std::string_view request);

}  // namespace contract::oip_repository
