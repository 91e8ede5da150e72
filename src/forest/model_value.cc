#include "forest/model_value.h"

#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include <fmt/format.h>

#include "base/text.h"

namespace forest {
namespace {

constexpr char kJsonNumbers = 'A';
constexpr char kMarkedNumbers = 'M';

base::Error bad_value(std::string message) { return {base::Code::Corrupt, std::move(message)}; }

template <typename To>
bool store(double from, To& to) {
  if constexpr (std::is_floating_point_v<To>) {
    to = static_cast<To>(from);
    return true;
  } else {
    if (from != std::floor(from) ||
        !(from >= static_cast<double>(std::numeric_limits<To>::min())) ||
        !(from <= static_cast<double>(std::numeric_limits<To>::max())) || from >= 0x1p63) {
      return false;
    }
    to = static_cast<To>(from);
    return true;
  }
}

// The next of the JSON numbers, as T: what XGBoost writes is read to the bit in its own type.
template <typename T>
bool take_json_number(std::string_view& rest, T& out) {
  const auto starts = [&](std::string_view word) {
    if (!rest.starts_with(word)) return false;
    rest.remove_prefix(word.size());
    return true;
  };
  const auto skip = [&] {
    const std::size_t next = rest.find_first_not_of(" \t\r\n,");
    rest.remove_prefix(next == std::string_view::npos ? rest.size() : next);
  };
  skip();
  if (starts("true")) return store(1, out);
  if (starts("false")) return store(0, out);
  if (starts("NaN")) return store(std::numeric_limits<double>::quiet_NaN(), out);
  if (starts("Infinity")) return store(std::numeric_limits<double>::infinity(), out);
  if (starts("-Infinity")) return store(-std::numeric_limits<double>::infinity(), out);
  const char* end = rest.data() + rest.size();
  const auto [stopped, problem] = std::from_chars(rest.data(), end, out);
  if (problem != std::errc{}) return false;
  if constexpr (std::is_integral_v<T>) {
    if (stopped != end && (*stopped == '.' || *stopped == 'e' || *stopped == 'E')) {
      double wide = 0;
      const auto again = std::from_chars(rest.data(), end, wide);
      if (again.ec != std::errc{} || !store(wide, out)) return false;
      rest.remove_prefix(static_cast<std::size_t>(again.ptr - rest.data()));
      return true;
    }
  }
  rest.remove_prefix(static_cast<std::size_t>(stopped - rest.data()));
  return rest.empty() || std::string_view(" \t\r\n,").find(rest.front()) != std::string_view::npos;
}

// Bytes of an UBJSON number of that type; 0 where it is none.
std::size_t width_of(char type) {
  switch (type) {
    case 'i':
    case 'U': return 1;
    case 'I': return 2;
    case 'l':
    case 'd': return 4;
    case 'L':
    case 'D': return 8;
    default: return 0;
  }
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8U | static_cast<std::uint8_t>(byte);
  return value;
}

// A number of `type` that `bytes` begin with. Precondition: there are so many bytes.
template <typename T>
bool store_ubjson(char type, std::string_view bytes, T& out) {
  const std::uint64_t bits = big_endian(bytes.substr(0, width_of(type)));
  const auto store_integer = [&](std::int64_t value) {
    if constexpr (std::is_integral_v<T>) {
      if (value < 0 && std::is_unsigned_v<T>) return false;
      if (value > 0 && static_cast<std::uint64_t>(value) >
                           static_cast<std::uint64_t>(std::numeric_limits<T>::max())) {
        return false;
      }
      if (value < 0 && value < static_cast<std::int64_t>(std::numeric_limits<T>::min())) {
        return false;
      }
    }
    out = static_cast<T>(value);
    return true;
  };
  switch (type) {
    case 'i': return store_integer(static_cast<std::int8_t>(bits));
    case 'U': return store_integer(static_cast<std::int64_t>(bits));
    case 'I': return store_integer(static_cast<std::int16_t>(bits));
    case 'l': return store_integer(static_cast<std::int32_t>(bits));
    case 'L': return store_integer(static_cast<std::int64_t>(bits));
    case 'd':
      return store(static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits))),
                   out);
    default: return store(std::bit_cast<double>(bits), out);
  }
}

}  // namespace

const std::vector<ModelValue>& ModelValue::items() const {
  static const std::vector<ModelValue> kNone;
  return items_ ? *items_ : kNone;
}

const ModelValue* ModelValue::find(std::string_view key) const {
  if (kind_ != Kind::Map) return nullptr;
  for (auto at = items().rbegin(); at != items().rend(); ++at) {
    if (at->key_ == key) return &*at;
  }
  return nullptr;
}

base::Result<const ModelValue*> ModelValue::get(std::string_view key) const {
  if (const ModelValue* found = find(key)) return found;
  return bad_value(fmt::format("{} is missing", base::quote(key)));
}

std::optional<std::string_view> ModelValue::text() const {
  if (kind_ != Kind::Text) return std::nullopt;
  return bytes_;
}

base::Result<std::string_view> ModelValue::text(std::string_view key) const {
  TRY_ASSIGN(const ModelValue* found, get(key));
  if (const auto text = found->text()) return *text;
  return bad_value(fmt::format("{}: expected a text, got another value", base::quote(key)));
}

std::optional<double> ModelValue::number() const {
  if (kind_ != Kind::Number && kind_ != Kind::Flag) return std::nullopt;
  return number_;
}

template <typename T>
base::Result<std::vector<T>> ModelValue::numbers() const {
  if (kind_ == Kind::List && items().empty()) return std::vector<T>();
  if (kind_ != Kind::Numbers) return bad_value("expected numbers, got another value");
  std::vector<T> values(count_);
  std::string_view rest = bytes_;
  const std::size_t width = width_of(type_);
  for (std::size_t i = 0; i < count_; ++i) {
    bool stored = false;
    if (type_ == kJsonNumbers) {
      stored = take_json_number(rest, values[i]);
    } else {
      const char type = type_ == kMarkedNumbers ? rest.front() : type_;
      if (type_ == kMarkedNumbers) rest.remove_prefix(1);
      const std::size_t taken = type_ == kMarkedNumbers ? width_of(type) : width;
      stored = store_ubjson(type, rest, values[i]);
      rest.remove_prefix(taken);
    }
    if (!stored) {
      return bad_value(
          fmt::format("expected {} numbers that fit, number {} does not", count_, i + 1));
    }
  }
  return values;
}

template <typename T>
base::Result<std::vector<T>> ModelValue::numbers(std::string_view key,
                                                 std::optional<std::size_t> count) const {
  TRY_ASSIGN(const ModelValue* found, get(key));
  if (count && found->count() != *count) {
    return bad_value(
        fmt::format("{}: expected {} numbers, got {}", base::quote(key), *count, found->count()));
  }
  auto values = found->numbers<T>();
  if (!values.ok()) return std::move(values).error().within(base::quote(key));
  return values;
}

template base::Result<std::vector<float>> ModelValue::numbers() const;
template base::Result<std::vector<double>> ModelValue::numbers() const;
template base::Result<std::vector<std::int32_t>> ModelValue::numbers() const;
template base::Result<std::vector<std::uint32_t>> ModelValue::numbers() const;
template base::Result<std::vector<std::uint8_t>> ModelValue::numbers() const;
template base::Result<std::vector<std::int64_t>> ModelValue::numbers() const;
template base::Result<std::vector<float>> ModelValue::numbers(std::string_view,
                                                              std::optional<std::size_t>) const;
template base::Result<std::vector<double>> ModelValue::numbers(std::string_view,
                                                               std::optional<std::size_t>) const;
template base::Result<std::vector<std::int32_t>> ModelValue::numbers(
    std::string_view, std::optional<std::size_t>) const;
template base::Result<std::vector<std::uint32_t>> ModelValue::numbers(
    std::string_view, std::optional<std::size_t>) const;
template base::Result<std::vector<std::uint8_t>> ModelValue::numbers(
    std::string_view, std::optional<std::size_t>) const;
template base::Result<std::vector<std::int64_t>> ModelValue::numbers(
    std::string_view, std::optional<std::size_t>) const;

// JSON, with NaN and Infinity as numbers, as XGBoost writes them.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  base::Result<ModelDocument> read() && {
    TRY_ASSIGN(document_.root, value(0));
    skip_spaces();
    if (at_ != text_.size()) return problem("the end");
    return std::move(document_);
  }

 private:
  base::Error problem(std::string_view wanted) const {
    return bad_value(
        fmt::format("byte {}: expected {}, got {}", at_, wanted,
                    at_ < text_.size() ? base::quote(text_.substr(at_, 20)) : "the end"));
  }
  void skip_spaces() {
    const std::size_t next = text_.find_first_not_of(" \t\r\n", at_);
    at_ = next == std::string_view::npos ? text_.size() : next;
  }
  char peek() {
    skip_spaces();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char wanted) {
    if (peek() != wanted) return false;
    ++at_;
    return true;
  }

  base::Result<ModelValue> value(std::size_t depth) {
    if (depth > kModelDepthMax) {
      return bad_value(fmt::format("expected values at most {} deep", kModelDepthMax));
    }
    switch (peek()) {
      case '{': return map(depth);
      case '[': return array(depth);
      case '"': {
        ModelValue text;
        text.kind_ = ModelValue::Kind::Text;
        TRY_ASSIGN(text.bytes_, string());
        return text;
      }
      default: return scalar();
    }
  }

  base::Result<ModelValue> scalar() {
    ModelValue value;
    if (text_.substr(at_).starts_with("null")) {
      at_ += 4;
      return value;
    }
    value.kind_ =
        peek() == 't' || peek() == 'f' ? ModelValue::Kind::Flag : ModelValue::Kind::Number;
    const std::size_t end = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
    std::string_view word = text_.substr(at_, end - at_);
    if (word.empty() || !take_json_number(word, value.number_) || !word.empty()) {
      return problem("a value");
    }
    at_ = end;
    return value;
  }

  base::Result<ModelValue> map(std::size_t depth) {
    ModelValue value;
    value.kind_ = ModelValue::Kind::Map;
    value.items_ = std::make_unique<std::vector<ModelValue>>();
    ++at_;
    if (take('}')) return value;
    while (true) {
      if (peek() != '"') return problem("a key");
      TRY_ASSIGN(const std::string_view key, string());
      if (!take(':')) return problem("\":\"");
      TRY_ASSIGN(ModelValue item, this->value(depth + 1));
      item.key_ = key;
      value.items_->push_back(std::move(item));
      if (take('}')) return value;
      if (!take(',')) return problem("\",\" or \"}\"");
    }
  }

  base::Result<ModelValue> array(std::size_t depth) {
    ++at_;
    const char first = peek();
    const std::size_t next = text_.find_first_of("[]{\"", at_);
    if (next != std::string_view::npos && text_[next] == ']' && first != ']' && first != 'n') {
      return numbers(next);
    }
    ModelValue value;
    value.kind_ = ModelValue::Kind::List;
    value.items_ = std::make_unique<std::vector<ModelValue>>();
    if (take(']')) return value;
    while (true) {
      TRY_ASSIGN(ModelValue item, this->value(depth + 1));
      value.items_->push_back(std::move(item));
      if (take(']')) return value;
      if (!take(',')) return problem("\",\" or \"]\"");
    }
  }

  // Each is looked at when it is asked for; here they are counted.
  base::Result<ModelValue> numbers(std::size_t end) {
    ModelValue value;
    value.kind_ = ModelValue::Kind::Numbers;
    value.type_ = kJsonNumbers;
    value.bytes_ = text_.substr(at_, end - at_);
    value.count_ = 1;
    for (const char c : value.bytes_) value.count_ += c == ',' ? 1 : 0;
    at_ = end + 1;
    return value;
  }

  base::Result<std::string_view> string() {
    const std::size_t begin = ++at_;
    bool escaped = false;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') {
        escaped = true;
        ++at_;
      }
    }
    if (at_ >= text_.size()) {
      at_ = text_.size();
      return problem("the end of a text");
    }
    const std::string_view raw = text_.substr(begin, at_++ - begin);
    if (!escaped) return raw;
    document_.unescaped.push_back(std::make_unique<std::string>(unescape(raw)));
    return std::string_view(*document_.unescaped.back());
  }

  static std::string unescape(std::string_view raw) {
    std::string out;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] != '\\' || i + 1 == raw.size()) {
        out.push_back(raw[i]);
        continue;
      }
      switch (const char c = raw[++i]) {
        case 'n': out.push_back('\n'); break;
        case 't': out.push_back('\t'); break;
        case 'r': out.push_back('\r'); break;
        case 'b': out.push_back('\b'); break;
        case 'f': out.push_back('\f'); break;
        case 'u': i += append_code(raw.substr(i + 1), out); break;
        default: out.push_back(c);
      }
    }
    return out;
  }

  // \uXXXX, and two of them where they are a pair. Gives how much was taken.
  static std::size_t append_code(std::string_view hex, std::string& out) {
    const auto unit = [](std::string_view text) -> std::optional<std::uint32_t> {
      std::uint32_t code = 0;
      if (text.size() < 4) return std::nullopt;
      const auto [stopped, problem] = std::from_chars(text.data(), text.data() + 4, code, 16);
      if (problem != std::errc{} || stopped != text.data() + 4) return std::nullopt;
      return code;
    };
    const auto first = unit(hex);
    if (!first) return 0;
    std::uint32_t code = *first;
    std::size_t taken = 4;
    if (code >= 0xD800 && code < 0xDC00 && hex.substr(4).starts_with("\\u")) {
      if (const auto second = unit(hex.substr(6));
          second && *second >= 0xDC00 && *second < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10U) + (*second - 0xDC00);
        taken = 10;
      }
    }
    base::append_utf8(out, static_cast<char32_t>(code));
    return taken;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  ModelDocument document_;
};

class UbjsonReader {
 public:
  explicit UbjsonReader(std::string_view bytes) : rest_(bytes), whole_(bytes.size()) {}

  base::Result<ModelDocument> read() && {
    ModelDocument document;
    TRY_ASSIGN(const char marker, take_marker());
    TRY_ASSIGN(document.root, value(marker, 0));
    if (!rest_.empty()) return problem("the end");
    return document;
  }

 private:
  base::Error problem(std::string_view wanted) const {
    return bad_value(fmt::format("byte {}: expected {}, got {}", whole_ - rest_.size(), wanted,
                                 rest_.empty() ? "the end" : "another"));
  }

  base::Result<char> take_marker() {
    while (!rest_.empty() && rest_.front() == 'N') rest_.remove_prefix(1);
    if (rest_.empty()) return problem("a value");
    const char marker = rest_.front();
    rest_.remove_prefix(1);
    return marker;
  }

  base::Result<std::string_view> take(std::size_t count) {
    if (count > rest_.size()) return problem(fmt::format("{} bytes more", count));
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  base::Result<std::size_t> length() {
    TRY_ASSIGN(const char type, take_marker());
    if (width_of(type) == 0) return problem("a length");
    TRY_ASSIGN(const std::string_view bytes, take(width_of(type)));
    std::int64_t length = 0;
    if (!store_ubjson(type, bytes, length) || length < 0 ||
        static_cast<std::uint64_t>(length) > whole_) {
      return problem("a length within the file");
    }
    return static_cast<std::size_t>(length);
  }

  base::Result<ModelValue> value(char marker, std::size_t depth) {
    if (depth > kModelDepthMax) {
      return bad_value(fmt::format("expected values at most {} deep", kModelDepthMax));
    }
    ModelValue value;
    switch (marker) {
      case '{': return map(depth);
      case '[': return array(depth);
      case 'Z': return value;
      case 'T':
      case 'F':
        value.kind_ = ModelValue::Kind::Flag;
        value.number_ = marker == 'T' ? 1 : 0;
        return value;
      case 'S':
      case 'H': {
        value.kind_ = ModelValue::Kind::Text;
        TRY_ASSIGN(const std::size_t count, length());
        TRY_ASSIGN(value.bytes_, take(count));
        return value;
      }
      case 'C': {
        value.kind_ = ModelValue::Kind::Text;
        TRY_ASSIGN(value.bytes_, take(1));
        return value;
      }
      default: break;
    }
    if (width_of(marker) == 0) return problem("a value");
    value.kind_ = ModelValue::Kind::Number;
    TRY_ASSIGN(const std::string_view bytes, take(width_of(marker)));
    if (!store_ubjson(marker, bytes, value.number_)) return problem("a number");
    return value;
  }

  base::Result<ModelValue> map(std::size_t depth) {
    ModelValue value;
    value.kind_ = ModelValue::Kind::Map;
    value.items_ = std::make_unique<std::vector<ModelValue>>();
    std::optional<std::size_t> count;
    if (rest_.starts_with('#')) {
      rest_.remove_prefix(1);
      TRY_ASSIGN(count, length());
    }
    while (count ? value.items_->size() < *count : !rest_.starts_with('}')) {
      TRY_ASSIGN(const std::size_t key_length, length());
      TRY_ASSIGN(const std::string_view key, take(key_length));
      TRY_ASSIGN(const char marker, take_marker());
      TRY_ASSIGN(ModelValue item, this->value(marker, depth + 1));
      item.key_ = key;
      value.items_->push_back(std::move(item));
    }
    if (!count) rest_.remove_prefix(1);
    return value;
  }

  base::Result<ModelValue> array(std::size_t depth) {
    if (rest_.starts_with('$')) return typed_array();
    ModelValue value;
    std::optional<std::size_t> count;
    if (rest_.starts_with('#')) {
      rest_.remove_prefix(1);
      TRY_ASSIGN(count, length());
    }
    if (!rest_.empty() && width_of(rest_.front()) != 0 && count != 0) return marked_numbers(count);
    value.kind_ = ModelValue::Kind::List;
    value.items_ = std::make_unique<std::vector<ModelValue>>();
    while (count ? value.items_->size() < *count : !rest_.starts_with(']')) {
      TRY_ASSIGN(const char marker, take_marker());
      TRY_ASSIGN(ModelValue item, this->value(marker, depth + 1));
      value.items_->push_back(std::move(item));
    }
    if (!count) rest_.remove_prefix(1);
    return value;
  }

  base::Result<ModelValue> typed_array() {
    rest_.remove_prefix(1);
    ModelValue value;
    TRY_ASSIGN(value.type_, take_marker());
    const std::size_t width = width_of(value.type_);
    if (width == 0) return problem("an array of numbers");
    if (!rest_.starts_with('#')) return problem("a count");
    rest_.remove_prefix(1);
    TRY_ASSIGN(value.count_, length());
    value.kind_ = ModelValue::Kind::Numbers;
    if (value.count_ > rest_.size() / width) {
      return problem(fmt::format("{} numbers", value.count_));
    }
    TRY_ASSIGN(value.bytes_, take(value.count_ * width));
    return value;
  }

  base::Result<ModelValue> marked_numbers(std::optional<std::size_t> count) {
    ModelValue value;
    value.kind_ = ModelValue::Kind::Numbers;
    value.type_ = kMarkedNumbers;
    const std::string_view begin = rest_;
    while (count ? value.count_ < *count : !rest_.starts_with(']')) {
      if (rest_.empty() || width_of(rest_.front()) == 0) return problem("a number");
      TRY(take(1 + width_of(rest_.front())));
      ++value.count_;
    }
    value.bytes_ = begin.substr(0, begin.size() - rest_.size());
    if (!count) rest_.remove_prefix(1);
    return value;
  }

  std::string_view rest_;
  std::size_t whole_;
};

base::Result<ModelDocument> parse_model_json(std::string_view text) {
  return JsonReader(text).read();
}

base::Result<ModelDocument> parse_model_ubjson(std::string_view bytes) {
  return UbjsonReader(bytes).read();
}

}  // namespace forest
