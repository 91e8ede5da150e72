#include "forest/flat_buffer.h"

namespace forest {

base::Error FlatTable::outside() {
  return {base::Code::Corrupt, "FlatBuffers: expected an offset inside the buffer, got one beyond"};
}

base::Result<FlatTable> FlatTable::root(std::string_view buffer) {
  TRY_ASSIGN(const auto offset, read<std::uint32_t>(buffer, 0));
  return at(buffer, offset);
}

base::Result<FlatTable> FlatTable::at(std::string_view buffer, std::size_t at) {
  TRY_ASSIGN(const auto back, read<std::int32_t>(buffer, at));
  const std::int64_t fields = static_cast<std::int64_t>(at) - back;
  if (fields < 0) return outside();
  const auto begin = static_cast<std::size_t>(fields);
  TRY_ASSIGN(const auto bytes, read<std::uint16_t>(buffer, begin));
  if (bytes < 4 || bytes > buffer.size() - begin) return outside();
  return FlatTable(buffer, at, begin + 4, (std::size_t{bytes} - 4) / 2);
}

base::Result<std::size_t> FlatTable::find(std::size_t field) const {
  if (field >= field_count_) return std::size_t{0};
  TRY_ASSIGN(const auto offset, number_at<std::uint16_t>(fields_ + 2 * field));
  return offset == 0 ? std::size_t{0} : at_ + offset;
}

base::Result<std::size_t> FlatTable::follow(std::size_t at) const {
  TRY_ASSIGN(const auto offset, number_at<std::uint32_t>(at));
  if (offset > buffer_.size() - at) return outside();
  return at + offset;
}

base::Result<std::string_view> FlatTable::elements(std::size_t at, std::size_t width) const {
  TRY_ASSIGN(const auto count, number_at<std::uint32_t>(at));
  const std::size_t begin = at + 4;
  if (count > (buffer_.size() - begin) / width) return outside();
  return buffer_.substr(begin, count * width);
}

base::Result<std::string_view> FlatTable::bytes(std::size_t field, std::size_t width) const {
  TRY_ASSIGN(const std::size_t at, find(field));
  if (at == 0) return std::string_view();
  TRY_ASSIGN(const std::size_t there, follow(at));
  return elements(there, width);
}

base::Result<std::string_view> FlatTable::text(std::size_t field) const { return bytes(field, 1); }

base::Result<std::optional<FlatTable>> FlatTable::table(std::size_t field) const {
  TRY_ASSIGN(const std::size_t place, find(field));
  if (place == 0) return std::optional<FlatTable>();
  TRY_ASSIGN(const std::size_t there, follow(place));
  TRY_ASSIGN(const FlatTable found, at(buffer_, there));
  return std::optional<FlatTable>(found);
}

base::Result<std::vector<FlatTable>> FlatTable::tables(std::size_t field) const {
  std::vector<FlatTable> found;
  TRY_ASSIGN(const std::string_view offsets, bytes(field, 4));
  for (std::size_t i = 0; i < offsets.size() / 4; ++i) {
    const auto place = static_cast<std::size_t>(offsets.data() - buffer_.data()) + 4 * i;
    TRY_ASSIGN(const std::size_t there, follow(place));
    TRY_ASSIGN(const FlatTable each, at(buffer_, there));
    found.push_back(each);
  }
  return found;
}

base::Result<std::vector<std::string_view>> FlatTable::texts(std::size_t field) const {
  std::vector<std::string_view> found;
  TRY_ASSIGN(const std::string_view offsets, bytes(field, 4));
  for (std::size_t i = 0; i < offsets.size() / 4; ++i) {
    const auto place = static_cast<std::size_t>(offsets.data() - buffer_.data()) + 4 * i;
    TRY_ASSIGN(const std::size_t there, follow(place));
    TRY_ASSIGN(const std::string_view text, elements(there, 1));
    found.push_back(text);
  }
  return found;
}

}  // namespace forest
