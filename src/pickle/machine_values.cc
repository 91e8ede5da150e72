// Numbers, text and bytes. The text forms of protocol 0 are read as CPython's _pickle.c reads
// what its writers write; spellings that only strtol or a Python literal would take are refused.
#include <algorithm>
#include <bit>
#include <cstring>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/number.h"
#include "base/text.h"
#include "pickle/machine.h"
#include "pickle/text_forms.h"

namespace pickle {

using base::Code;
using base::Error;

Machine::Done Machine::none() { return push(heap_.make(Kind::None, opcode_at_)); }

Machine::Done Machine::truth_true() {
  Node& node = heap_.make(Kind::Bool, opcode_at_);
  node.boolean = true;
  return push(node);
}

Machine::Done Machine::truth_false() {
  Node& node = heap_.make(Kind::Bool, opcode_at_);
  node.boolean = false;
  return push(node);
}

// I00 and I01 are how protocols 0 and 1 write False and True.
Machine::Done Machine::int_text() {
  TRY_ASSIGN(const auto text, line());
  if (text == "00") return truth_false();
  if (text == "01") return truth_true();
  return push_decimal(text);
}

Machine::Done Machine::long_text() {
  TRY_ASSIGN(auto text, line());
  if (text.ends_with('L')) text.remove_suffix(1);
  return push_decimal(text);
}

Machine::Done Machine::push_decimal(std::string_view text) {
  if (const auto value = base::parse_int(text)) return push(heap_.integer(*value, opcode_at_));
  if (text.size() > heap_.limits().number_digits) {
    return Error(Code::Exhausted, fmt::format("expected at most {} digits, got {}",
                                              heap_.limits().number_digits, text.size()));
  }
  const auto bytes = decimal_to_twos_complement(text);
  if (!bytes) return corrupt(fmt::format("expected a decimal integer, got {}", base::quote(text)));
  TRY_ASSIGN(const auto kept, heap_.copy(*bytes));
  return push_long(base::as_bytes(kept));
}

Machine::Done Machine::push_long(base::Bytes bytes) {
  // Bytes that only repeat the sign say nothing.
  while (bytes.size() > 1) {
    const auto last = static_cast<std::uint8_t>(bytes.back());
    const bool negative = (static_cast<std::uint8_t>(bytes[bytes.size() - 2]) & 0x80U) != 0;
    if (last != (negative ? 0xffU : 0U)) break;
    bytes = bytes.first(bytes.size() - 1);
  }
  if (bytes.size() > sizeof(std::int64_t)) {
    return push(heap_.text(Kind::BigInt, base::as_text(bytes), opcode_at_));
  }
  const bool negative = !bytes.empty() && (static_cast<std::uint8_t>(bytes.back()) & 0x80U) != 0;
  std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8U | static_cast<std::uint8_t>(bytes[i]);
  }
  return push(heap_.integer(static_cast<std::int64_t>(value), opcode_at_));
}

Machine::Done Machine::bin_int() {
  TRY_ASSIGN(const std::uint64_t bits, number(4));
  const auto value = static_cast<std::int32_t>(static_cast<std::uint32_t>(bits));
  return push(heap_.integer(value, opcode_at_));
}

template <unsigned Width>
Machine::Done Machine::bin_uint() {
  TRY_ASSIGN(const std::uint64_t value, number(Width));
  return push(heap_.integer(static_cast<std::int64_t>(value), opcode_at_));
}
template Machine::Done Machine::bin_uint<1>();
template Machine::Done Machine::bin_uint<2>();

template <unsigned Width>
Machine::Done Machine::bin_long() {
  TRY_ASSIGN(const auto bytes, counted(Width, "an integer"));
  return push_long(base::as_bytes(bytes));
}
template Machine::Done Machine::bin_long<1>();
template Machine::Done Machine::bin_long<4>();

Machine::Done Machine::float_text() {
  TRY_ASSIGN(auto text, line());
  const auto value = base::parse_double(text);
  if (!value) return corrupt(fmt::format("expected a number, got {}", base::quote(text)));
  Node& node = heap_.make(Kind::Float, opcode_at_);
  node.real = *value;
  return push(node);
}

Machine::Done Machine::bin_float() {
  const auto raw = stream_.take(8);
  if (!raw) return corrupt("expected its argument, got the end of the frame or file");
  std::uint64_t bits = 0;
  for (const std::byte each : *raw) bits = bits << 8U | static_cast<std::uint8_t>(each);
  Node& node = heap_.make(Kind::Float, opcode_at_);
  node.real = std::bit_cast<double>(bits);
  return push(node);
}

// A Python 2 str is text where it can be, since attribute names are; value.h.
Machine::Done Machine::push_raw_text(std::string_view bytes) {
  const bool text = is_utf8(bytes);
  Node& node = heap_.text(text ? Kind::String : Kind::Bytes, bytes, opcode_at_);
  node.flags = text ? Node::kRaw : 0;
  return push(node);
}

Machine::Done Machine::push_unicode(std::string_view text) {
  if (!is_utf8(text)) return corrupt("expected UTF-8 text without lone surrogates");
  return push(heap_.text(Kind::String, text, opcode_at_));
}

Machine::Done Machine::string_text() {
  TRY_ASSIGN(auto text, line());
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  const bool quoted = text.size() >= 2 && text.front() == text.back() &&
                      (text.front() == '\'' || text.front() == '"');
  if (!quoted) return corrupt(fmt::format("expected a quoted string, got {}", base::quote(text)));
  text = text.substr(1, text.size() - 2);
  if (text.find('\\') == std::string_view::npos) return push_raw_text(text);
  const auto plain = unescape_string(text);
  if (!plain) return corrupt(fmt::format("expected valid escapes, got {}", base::quote(text)));
  TRY_ASSIGN(const auto kept, heap_.copy(*plain));
  return push_raw_text(kept);
}

template <unsigned Width>
Machine::Done Machine::bin_string() {
  TRY_ASSIGN(const auto bytes, counted(Width, "a string"));
  return push_raw_text(bytes);
}
template Machine::Done Machine::bin_string<1>();
template Machine::Done Machine::bin_string<4>();

Machine::Done Machine::unicode_text() {
  TRY_ASSIGN(const auto text, line());
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x80 && c != '\\';
  });
  if (plain) return push_unicode(text);
  const auto decoded = unescape_unicode(text);
  if (!decoded) return corrupt(fmt::format("expected valid escapes, got {}", base::quote(text)));
  TRY_ASSIGN(const auto kept, heap_.copy(*decoded));
  return push_unicode(kept);
}

template <unsigned Width>
Machine::Done Machine::bin_unicode() {
  TRY_ASSIGN(const auto text, counted(Width, "text"));
  return push_unicode(text);
}
template Machine::Done Machine::bin_unicode<1>();
template Machine::Done Machine::bin_unicode<4>();
template Machine::Done Machine::bin_unicode<8>();

template <unsigned Width>
Machine::Done Machine::bin_bytes() {
  TRY_ASSIGN(const auto bytes, counted(Width, "bytes"));
  return push(heap_.text(Kind::Bytes, bytes, opcode_at_));
}
template Machine::Done Machine::bin_bytes<1>();
template Machine::Done Machine::bin_bytes<4>();
template Machine::Done Machine::bin_bytes<8>();

Machine::Done Machine::byte_array() {
  TRY_ASSIGN(const auto bytes, counted(8, "bytes"));
  Node& node = heap_.text(Kind::Bytes, bytes, opcode_at_);
  node.flags = Node::kMutable;
  return push(node);
}

// Makes a buffer read-only; ours are.
Machine::Done Machine::readonly_buffer() {
  TRY_ASSIGN(const Node* node, top("a buffer"));
  if (node->kind == Kind::Bytes) return {};
  return corrupt(fmt::format("expected a buffer, got {}", describe(*node)));
}

}  // namespace pickle
