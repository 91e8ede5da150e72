#include "serve/work.h"

namespace serve {

base::Error error_of(const Refusal& refusal) {
  using base::Code;
  switch (refusal.reason) {
    case Reason::QueueFull:
      return {Code::Exhausted, "the server is busy, its queue is full: try again later"};
    case Reason::WaitTooLong:
      return {Code::Exhausted, "the server is busy, the wait would be too long: try again later"};
    case Reason::TooLate:
      return {Code::Exhausted,
              "the server is busy, the answer would be past its deadline: try again later"};
    case Reason::Expired: return {Code::Deadline, "the deadline of the request has passed"};
    case Reason::Abandoned: return {Code::Cancelled, "the client has left"};
    case Reason::Stopping: return {Code::Unavailable, "the server is stopping: try again later"};
  }
  return {Code::Internal, "refused"};
}

}  // namespace serve
