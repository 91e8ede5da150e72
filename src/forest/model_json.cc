#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "forest/model_numbers.h"
#include "forest/model_value.h"

namespace forest {

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

base::Result<ModelDocument> parse_model_json(std::string_view text) {
  return JsonReader(text).read();
}

}  // namespace forest
