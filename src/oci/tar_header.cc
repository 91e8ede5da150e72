#include "oci/tar_header.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/tar_format.h"

namespace oci {
namespace {

using base::Code;
using base::Error;
using base::Result;

Error bad_tar(std::string_view what, std::string_view expected) {
  return {Code::Invalid, fmt::format("{}: expected {}", what, expected)};
}

std::string_view raw(base::Bytes block, TarField field) {
  return base::as_text(block.subspan(field.at, field.size));
}

std::string_view field_text(base::Bytes block, TarField field) {
  const std::string_view all = raw(block, field);
  return all.substr(0, std::min(all.find('\0'), all.size()));
}

template <typename T>
std::optional<T> parse_digits(std::string_view digits, int radix) {
  T value = 0;
  const char* end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, value, radix);
  if (error != std::errc() || at != end) return std::nullopt;
  return value;
}

// GNU's form for what octal cannot hold: the highest bit set, then a big-endian number.
std::optional<std::uint64_t> binary_number(std::string_view field) {
  std::uint64_t value = static_cast<unsigned char>(field[0]) & 0x7FU;
  for (const char c : field.substr(1)) {
    if (value >> 55U != 0) return std::nullopt;
    value = value << 8U | static_cast<unsigned char>(c);
  }
  return value;
}

// Octal digits between spaces, up to a space or NUL; an empty field is 0.
std::optional<std::uint64_t> number(base::Bytes block, TarField field) {
  const std::string_view all = raw(block, field);
  if ((static_cast<unsigned char>(all[0]) & 0x80U) != 0) return binary_number(all);
  const std::size_t from = std::min(all.find_first_not_of(' '), all.size());
  const std::size_t end = std::min(all.find_first_of(std::string_view(" \0", 2), from), all.size());
  if (all.find_first_not_of(std::string_view(" \0", 2), end) != std::string_view::npos) {
    return std::nullopt;
  }
  if (from == end) return 0;
  return parse_digits<std::uint64_t>(all.substr(from, end - from), 8);
}

Result<void> take_record(PaxRecords& records, std::string_view key, std::string_view value) {
  if (key.substr(0, 11) == "GNU.sparse.") {
    return Error(Code::Unsupported, "pax header: expected no sparse file");
  }
  if (key != "path" && key != "linkpath" && key != "size") return {};
  // An empty value takes back what an earlier record said.
  if (key == "size") {
    records.size.reset();
    if (value.empty()) return {};
    records.size = parse_digits<std::uint64_t>(value, 10);
    if (!records.size) return bad_tar("pax header", "a number as \"size\"");
    return {};
  }
  if (value.find('\0') != std::string_view::npos) return bad_tar("pax header", "no NUL in a path");
  auto& record = key == "path" ? records.path : records.linkpath;
  record.reset();
  if (!value.empty()) record.emplace(value);
  return {};
}

}  // namespace

Result<TarHeader> parse_tar_header(base::Bytes block) {
  const auto sum = number(block, kTarSum);
  if (sum != tar_checksum(block)) return bad_tar("header", "its checksum to agree");
  const auto size = number(block, kTarSize);
  if (!size) return bad_tar("header", "a number as size");
  const auto mode = number(block, kTarMode);
  if (!mode) return bad_tar("header", "a number as mode");
  TarHeader header{.type = raw(block, kTarType)[0],
                   .name = std::string(field_text(block, kTarName)),
                   .target = std::string(field_text(block, kTarLink)),
                   .size = *size,
                   .mode = static_cast<std::uint32_t>(*mode & 07777U)};
  // Where GNU's magic stands, other things than a prefix lie in its place.
  const std::string_view prefix = field_text(block, kTarPrefix);
  if (raw(block, kTarMagic) == kUstarMagic && !prefix.empty()) {
    header.name = fmt::format("{}/{}", prefix, header.name);
  }
  return header;
}

Result<PaxRecords> parse_pax(std::string_view text) {
  PaxRecords records;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const auto length = parse_digits<std::size_t>(text.substr(0, std::min(space, text.size())), 10);
    if (space == std::string_view::npos || !length || *length > text.size() ||
        *length < space + 2 || text[*length - 1] != '\n') {
      return bad_tar("pax header", "records \"LENGTH KEY=VALUE\"");
    }
    const std::string_view record = text.substr(space + 1, *length - space - 2);
    const std::size_t equals = record.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return bad_tar("pax header", "records \"LENGTH KEY=VALUE\"");
    }
    TRY(take_record(records, record.substr(0, equals), record.substr(equals + 1)));
    text.remove_prefix(*length);
  }
  return records;
}

}  // namespace oci
