#pragma once

#include <cstddef>
#include <cstring>
#include <vector>

namespace base {

// Numbers of one type that lie at equal distances, of any alignment, such as one field of the
// records of an array. They are another's, and live as long as there.
template <typename Number>
class Strided {
 public:
  Strided() = default;
  Strided(const std::byte* first, std::size_t stride, std::size_t size)
      : first_(first), stride_(stride), size_(size) {}
  // Those that lie side by side.
  Strided(const std::vector<Number>& numbers)  // NOLINT(google-explicit-constructor): as a span.
      : Strided(reinterpret_cast<const std::byte*>(numbers.data()), sizeof(Number),
                numbers.size()) {}

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Number operator[](std::size_t i) const {
    Number number;
    std::memcpy(&number, first_ + i * stride_, sizeof number);
    return number;
  }

 private:
  const std::byte* first_ = nullptr;
  std::size_t stride_ = sizeof(Number);
  std::size_t size_ = 0;
};

}  // namespace base
