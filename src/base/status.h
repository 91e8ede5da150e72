#pragma once

#include <string_view>

#include "base/error.h"

namespace base {

// What one error code is called on each wire: the only table of its kind.
struct Status {
  Code code;
  int http;
  std::string_view http_reason;
  int grpc;
  std::string_view grpc_name;
  int exit;  // Exit status of the command line.
};

const Status& status_of(Code code);

}  // namespace base
