#include "base/status.h"

#include <array>
#include <cstddef>

namespace base {
namespace {

// In the order of Code.
constexpr std::array<Status, 12> kStatuses = {{
    {Code::Invalid, 400, "Bad Request", 3, "INVALID_ARGUMENT", 2},
    {Code::NotFound, 404, "Not Found", 5, "NOT_FOUND", 3},
    {Code::Conflict, 409, "Conflict", 10, "ABORTED", 4},
    {Code::Unauthenticated, 401, "Unauthorized", 16, "UNAUTHENTICATED", 5},
    {Code::Denied, 403, "Forbidden", 7, "PERMISSION_DENIED", 5},
    {Code::Exhausted, 429, "Too Many Requests", 8, "RESOURCE_EXHAUSTED", 6},
    {Code::Unavailable, 503, "Service Unavailable", 14, "UNAVAILABLE", 6},
    {Code::Deadline, 504, "Gateway Timeout", 4, "DEADLINE_EXCEEDED", 7},
    {Code::Cancelled, 499, "Client Closed Request", 1, "CANCELLED", 130},
    {Code::Corrupt, 500, "Internal Server Error", 15, "DATA_LOSS", 8},
    {Code::Unsupported, 501, "Not Implemented", 12, "UNIMPLEMENTED", 9},
    {Code::Internal, 500, "Internal Server Error", 13, "INTERNAL", 1},
}};

}  // namespace

const Status& status_of(Code code) { return kStatuses.at(static_cast<std::size_t>(code)); }

}  // namespace base
