#include "scorer/network_folder.h"

#include <algorithm>
#include <vector>

#include "base/file.h"

namespace scorer {

std::optional<std::string> find_network(const std::string& folder) {
  auto names = base::list_folder(folder);
  if (!names.ok()) return std::nullopt;
  std::erase_if(*names, [](const std::string& name) { return !name.ends_with(".onnx"); });
  if (std::ranges::find(*names, "model.onnx") != names->end()) return "model.onnx";
  if (names->size() == 1) return names->front();
  return std::nullopt;
}

}  // namespace scorer
