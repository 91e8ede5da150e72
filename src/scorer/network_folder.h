#pragma once

#include <optional>
#include <string>

namespace scorer {

// The name of the network in a folder that says nothing of itself: model.onnx, or the only file
// whose name ends so. Nothing where there is none, or where nobody knows which.
std::optional<std::string> find_network(const std::string& folder);

}  // namespace scorer
