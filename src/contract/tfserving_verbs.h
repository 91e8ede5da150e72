#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "contract/codec.h"
#include "contract/offer.h"

namespace contract::tfserving {

// What TensorFlow Serving may be asked to do, whatever the rows come in.
enum class Verb : std::uint8_t { Predict, Classify, Regress };

inline constexpr std::string_view kUsualSignature = "serving_default";

// Chooses the method that a request to predict calls its signature, where the model has methods;
// none and kUsualSignature leave what was chosen. A network has that one alone.
base::Result<void> choose_signature(Ask& ask, std::string_view name);

// The output that Classify or Regress answers with; Invalid where the model has none.
base::Result<std::size_t> find_output(Verb verb, const Offer& offer);

// Refuses an address that names a method: what is asked for is the verb's.
base::Result<void> check_no_method(const Incoming& in);
// Refuses a "signature_name" of such a request that means another output.
base::Result<void> check_signature(std::string_view name, const Offer::Output& output);

// What an answer of Classify calls that class.
std::string class_label(const Offer& offer, const Offer::Output& output, std::size_t index);

}  // namespace contract::tfserving
