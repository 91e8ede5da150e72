#include "table/window.h"

#include <algorithm>
#include <cstring>
#include <span>

namespace table {
namespace {

constexpr std::size_t kFirstBytes = std::size_t{256} << 10U;

}  // namespace

Window::Window(Source& source, std::size_t bytes_max)
    : source_(source), bytes_max_(bytes_max), bytes_(std::min(bytes_max, kFirstBytes) + kPadding) {}

base::Result<void> Window::more() {
  const std::size_t held = end_ - begin_;
  if (begin_ > 0) std::memmove(bytes_.data(), bytes_.data() + begin_, held);
  begin_ = 0;
  end_ = held;
  std::size_t room = bytes_.size() - kPadding;
  // Doubling keeps the rescanning of a long record linear in its length.
  if (held > room / 2) {
    room = std::min(room * 2, bytes_max_);
    bytes_.resize(room + kPadding);
  }
  while (!ended_ && end_ < room) {
    TRY_ASSIGN(const std::size_t got, source_.read(std::span(bytes_).subspan(end_, room - end_)));
    end_ += got;
    ended_ = got == 0;
  }
  return {};
}

}  // namespace table
