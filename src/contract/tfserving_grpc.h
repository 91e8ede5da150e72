#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "contract/codec.h"

namespace contract::tfserving_grpc {

// TensorFlow Serving's Predict over gRPC. Inputs as in contract/tensor_input.h, by their names;
// "signature_name" is a method, or "serving_default" for the usual one; "output_filter" chooses of
// what the signature gives. Elements come in tensor_content or in the list of their type, of which
// the last is repeated where there are fewer than the shape says.
std::unique_ptr<Codec> make_codec(std::string endpoint);

// What ModelSpec of a request says: the model's name and version.
struct ModelSpec {
  std::string_view name;
  std::string version;  // Empty: whichever serves.
};
ModelSpec find_model_spec(std::string_view request);

void encode_status(std::string_view version, bool ready, std::string& out);
void encode_metadata(std::string_view model, std::string_view version, const Offer& offer,
                     std::string& out);

}  // namespace contract::tfserving_grpc
