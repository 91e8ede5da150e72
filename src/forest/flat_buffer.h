#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace forest {

// A FlatBuffers file (https://flatbuffers.dev/internals/) read field by field: tables, vectors and
// texts, each looked up by where it stands in its table's schema. A view: the bytes must live.
// Every offset and length is checked where it is followed, so a hostile buffer is refused or read
// as something else, but nothing is read outside of it. Who walks it bounds how often.
class FlatTable {
 public:
  // The root of a buffer.
  static base::Result<FlatTable> root(std::string_view buffer);

  // A number, `absent` where the table does not have the field.
  template <typename T>
  base::Result<T> number(std::size_t field, T absent) const {
    TRY_ASSIGN(const std::size_t at, find(field));
    if (at == 0) return absent;
    return number_at<T>(at);
  }
  // Text of a string; empty where there is none.
  base::Result<std::string_view> text(std::size_t field) const;
  // The bytes of a vector of numbers, or of structs of `width` bytes; empty where there is none.
  base::Result<std::string_view> bytes(std::size_t field, std::size_t width) const;
  template <typename T>
  base::Result<std::vector<T>> numbers(std::size_t field) const {
    TRY_ASSIGN(const std::string_view raw, bytes(field, sizeof(T)));
    std::vector<T> values(raw.size() / sizeof(T));
    if (!values.empty()) std::memcpy(values.data(), raw.data(), raw.size());
    return values;
  }
  base::Result<std::optional<FlatTable>> table(std::size_t field) const;
  base::Result<std::vector<FlatTable>> tables(std::size_t field) const;
  base::Result<std::vector<std::string_view>> texts(std::size_t field) const;

 private:
  FlatTable(std::string_view buffer, std::size_t at, std::size_t fields, std::size_t field_count)
      : buffer_(buffer), at_(at), fields_(fields), field_count_(field_count) {}

  static base::Result<FlatTable> at(std::string_view buffer, std::size_t at);
  template <typename T>
  static base::Result<T> read(std::string_view buffer, std::size_t at) {
    T value{};
    if (at > buffer.size() || sizeof(T) > buffer.size() - at) return outside();
    std::memcpy(&value, buffer.data() + at, sizeof(T));
    return value;
  }
  template <typename T>
  base::Result<T> number_at(std::size_t at) const {
    return read<T>(buffer_, at);
  }
  static base::Error outside();
  // Where the field is, 0 for nowhere; and where what it points to is.
  base::Result<std::size_t> find(std::size_t field) const;
  base::Result<std::size_t> follow(std::size_t at) const;
  // The elements of the vector at `at`: its count, and bytes of so many of `width`.
  base::Result<std::string_view> elements(std::size_t at, std::size_t width) const;

  std::string_view buffer_;
  std::size_t at_;
  std::size_t fields_;  // Where the offsets of its fields are.
  std::size_t field_count_;
};

}  // namespace forest
