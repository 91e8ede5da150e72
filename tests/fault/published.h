#pragma once

#include <string>

#include "oci/test_registry.h"

namespace fault {

// An image of a model in a registry of this process, to be pulled by the program.
class Published {
 public:
  explicit Published(const std::string& scratch);
  std::string image() const { return registry_.host() + "/team/pulled:1"; }

 private:
  oci::TestRegistry registry_;
};

}  // namespace fault
