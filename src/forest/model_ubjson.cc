#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "forest/model_numbers.h"
#include "forest/model_value.h"

namespace forest {

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
    if (ubjson_width(type) == 0) return problem("a length");
    TRY_ASSIGN(const std::string_view bytes, take(ubjson_width(type)));
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
    if (ubjson_width(marker) == 0) return problem("a value");
    value.kind_ = ModelValue::Kind::Number;
    TRY_ASSIGN(const std::string_view bytes, take(ubjson_width(marker)));
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
    if (!rest_.empty() && ubjson_width(rest_.front()) != 0 && count != 0)
      return marked_numbers(count);
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
    const std::size_t width = ubjson_width(value.type_);
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
      if (rest_.empty() || ubjson_width(rest_.front()) == 0) return problem("a number");
      TRY(take(1 + ubjson_width(rest_.front())));
      ++value.count_;
    }
    value.bytes_ = begin.substr(0, begin.size() - rest_.size());
    if (!count) rest_.remove_prefix(1);
    return value;
  }

  std::string_view rest_;
  std::size_t whole_;
};

base::Result<ModelDocument> parse_model_ubjson(std::string_view bytes) {
  return UbjsonReader(bytes).read();
}

}  // namespace forest
