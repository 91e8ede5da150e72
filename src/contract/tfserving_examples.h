#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "contract/codec.h"

namespace contract::tfserving_grpc {

// TensorFlow Serving's Classify, Regress and MultiInference over gRPC, whose rows are Examples: a
// feature is a column, and has one value, or none where it is missing. Features that the model has
// not are left out, as TensorFlow does; a context has those that are the same in each example.
// Numbers come and go as float32, which is what the messages have.
enum class ExamplesCall : std::uint8_t { Classify, Regress, Multi };
std::unique_ptr<Codec> make_examples_codec(std::string endpoint, ExamplesCall call);

}  // namespace contract::tfserving_grpc
