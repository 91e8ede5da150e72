#include <cstdint>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "contract/oip_repository.h"

// What asks for models to be loaded and listed: the body of a request, or the message of a call.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string body(reinterpret_cast<const char*>(data), size);
  body.reserve(size + simdjson::SIMDJSON_PADDING);
  namespace repository = contract::oip_repository;
  const auto check = [](const base::Result<model::Reference>& what) {
    if (what.ok() && what->name != "faq") __builtin_trap();
  };
  check(repository::decode_load("faq", body));
  check(repository::decode_load_call("faq", body));
  static_cast<void>(repository::decode_index(body).ok());
  static_cast<void>(repository::decode_index_call(body).ok());
  static_cast<void>(repository::decode_load(repository::find_model_name(body), "").ok());
  return 0;
}
