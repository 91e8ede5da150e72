#include "published.h"

#include <filesystem>

#include "states.h"

namespace fault {

Published::Published(const std::string& scratch) {
  const std::string source = scratch + "/published";
  run({"register", model_file("flowers.joblib"), "--name", "pulled"}, source, scratch);
  // What is packed is tried elsewhere.
  run({"push", "pulled", image(), "--compression", "none"}, source, scratch);
  std::filesystem::remove_all(source);
}

}  // namespace fault
