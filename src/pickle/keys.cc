#include "pickle/keys.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>

namespace pickle {
namespace {

using base::Code;
using base::Error;
using base::Result;

// A long text can be a key any number of times, so its middle is left out.
constexpr std::size_t kTextHashed = 256;
constexpr unsigned kTupleHashDepth = 3;
constexpr std::size_t kTupleHashItems = 8;
constexpr unsigned kTupleDepthMax = 64;

std::uint32_t mix(std::uint64_t bits) {
  bits = (bits ^ (bits >> 32U)) * 0x9e3779b97f4a7c15U;
  return static_cast<std::uint32_t>(bits ^ (bits >> 29U) ^ (bits >> 47U));
}

// What stands for a number among keys: whole numbers as integers, whatever their type.
struct Number {
  bool whole = false;
  std::int64_t integer = 0;
  double real = 0;

  bool operator==(const Number& other) const {
    return whole == other.whole && (whole ? integer == other.integer : real == other.real);
  }
};

std::optional<Number> number(Value key) {
  if (const auto truth = key.as_bool()) return Number{.whole = true, .integer = *truth ? 1 : 0};
  if (const auto integer = key.as_int()) return Number{.whole = true, .integer = *integer};
  const auto real = key.as_float();
  if (!real) return std::nullopt;
  const bool fits = *real >= -0x1p63 && *real < 0x1p63;
  if (fits && std::trunc(*real) == *real) {
    return Number{.whole = true, .integer = static_cast<std::int64_t>(*real)};
  }
  return Number{.real = *real};
}

std::optional<std::uint32_t> hash(Value key, unsigned depth);

std::optional<std::uint32_t> tuple_hash(Value key, unsigned depth) {
  const auto items = key.items();
  std::uint64_t sum = items.size();
  if (depth == 0) return mix(sum);
  for (const Value item : items.first(std::min(items.size(), kTupleHashItems))) {
    const auto each = hash(item, depth - 1);
    if (!each) return std::nullopt;
    sum = sum * 0x100000001b3U + *each;
  }
  return mix(sum);
}

std::optional<std::uint32_t> hash(Value key, unsigned depth) {
  if (const auto text = key_text(key)) return text_hash(*text);
  if (const auto value = number(key)) {
    return mix(value->whole ? static_cast<std::uint64_t>(value->integer)
                            : std::bit_cast<std::uint64_t>(value->real));
  }
  const Node& node = *key.id();
  switch (key.kind()) {
    case Kind::None: return 1;
    case Kind::Tuple: return tuple_hash(key, depth);
    case Kind::BigInt: return text_hash(node.text.view());
    case Kind::Bytes:
      if (node.has(Node::kMutable)) return std::nullopt;
      return text_hash(node.text.view()) + 1;
    case Kind::Complex:
      return mix(std::bit_cast<std::uint64_t>(node.complex[0] + 0.0) * 31 +
                 std::bit_cast<std::uint64_t>(node.complex[1] + 0.0));
    case Kind::Global: return text_hash(node.name->name) * 31 + text_hash(node.name->module);
    case Kind::Set:
      if (!node.has(Node::kFrozen)) return std::nullopt;
      return mix(reinterpret_cast<std::uintptr_t>(&node));
    case Kind::Record: return mix(reinterpret_cast<std::uintptr_t>(&node));
    case Kind::Array:
      // A scalar of a type that is neither number nor text: its bytes are it.
      if (!node.array->array.shape.empty()) return std::nullopt;
      return text_hash(base::as_text(node.array->array.data));
    default: return std::nullopt;
  }
}

class Comparison {
 public:
  Comparison(std::uint64_t& steps, std::uint64_t steps_max)
      : steps_(steps), steps_max_(steps_max) {}

  Result<bool> same(Value a, Value b, unsigned depth) {
    if (++steps_ > steps_max_ || depth > kTupleDepthMax) {
      return Error(Code::Exhausted, "dictionary keys cost too much to compare");
    }
    if (a.same(b)) return true;
    const auto text_a = key_text(a);
    const auto text_b = key_text(b);
    if (text_a || text_b) {
      if (text_a && text_b && text_a->size() == text_b->size()) steps_ += text_a->size() / 64;
      return text_a == text_b;
    }
    const auto number_a = number(a);
    const auto number_b = number(b);
    if (number_a || number_b) return number_a == number_b;
    if (a.kind() != b.kind()) return false;
    if (a.is(Kind::Tuple)) return same_tuples(a.items(), b.items(), depth + 1);
    return same_leaves(*a.id(), *b.id());
  }

 private:
  Result<bool> same_tuples(std::span<const Value> a, std::span<const Value> b, unsigned depth) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      TRY_ASSIGN(const bool equal, same(a[i], b[i], depth));
      if (!equal) return false;
    }
    return true;
  }

  static bool same_leaves(const Node& a, const Node& b) {
    switch (a.kind) {
      case Kind::None: return true;
      case Kind::BigInt:
      case Kind::Bytes: return a.text.view() == b.text.view();
      case Kind::Complex: return a.complex[0] == b.complex[0] && a.complex[1] == b.complex[1];
      case Kind::Global: return a.name->module == b.name->module && a.name->name == b.name->name;
      case Kind::Array: {
        const Array& left = a.array->array;
        const Array& right = b.array->array;
        return left.dtype.kind == right.dtype.kind && left.dtype.order == right.dtype.order &&
               base::as_text(left.data) == base::as_text(right.data);
      }
      default: return false;
    }
  }

  std::uint64_t& steps_;
  std::uint64_t steps_max_;
};

}  // namespace

std::uint32_t text_hash(std::string_view text) {
  if (text.size() <= kTextHashed * 2) return mix(std::hash<std::string_view>{}(text));
  const std::uint64_t head = std::hash<std::string_view>{}(text.substr(0, kTextHashed));
  const std::uint64_t tail = std::hash<std::string_view>{}(text.substr(text.size() - kTextHashed));
  return mix(head * 31 + tail * 17 + text.size());
}

std::optional<std::uint32_t> key_hash(Value key) { return hash(key, kTupleHashDepth); }

std::optional<std::string_view> key_text(Value key) {
  if (!key.is(Kind::String) && !key.is(Kind::Array)) return std::nullopt;
  return key.as_string();
}

Result<bool> same_key(Value a, Value b, std::uint64_t& steps, std::uint64_t steps_max) {
  return Comparison(steps, steps_max).same(a, b, 0);
}

}  // namespace pickle
