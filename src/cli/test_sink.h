#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/world.h"

namespace cli {

// For tests: keeps what is written.
class TextSink final : public Sink {
 public:
  base::Result<void> write(std::string_view text) override {
    written += text;
    return {};
  }
  std::string written;
};

}  // namespace cli
