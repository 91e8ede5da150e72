#include "sklearn/dict_vectorizer.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "plan/builder.h"
#include "plan/dictionary.h"

namespace sklearn {
namespace {

using pickle::Value;
using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

// What a key of the dictionaries had for values when they were fitted.
struct Key {
  std::string name;
  std::optional<std::size_t> number;                        // The feature of its numbers,
  std::vector<std::pair<std::string, std::int32_t>> texts;  // and of each of its texts.
};

// A row is a dictionary of its columns: the keys that were fitted are the columns, and a key with
// features "key=text" is one of texts.
class DictVectorizer final : public Estimator {
 public:
  DictVectorizer(std::vector<Key> keys, std::vector<std::string> features, bool sparse)
      : features_(std::move(features)), sparse_(sparse) {
    for (Key& key : keys) {
      names_.push_back(std::move(key.name));
      const bool text = !key.texts.empty();
      types_.push_back(text ? data::ColumnType::Text : data::ColumnType::Number);
      plan::Dictionary::Column column{.feature = key.number.value_or(0), .categories = {}};
      if (text) column.categories = plan::Categories::of_texts(std::move(key.texts));
      columns_.push_back(std::move(column));
    }
  }
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port selected, builder.select(input, names_));
    TRY_ASSIGN(const Port port, builder.cells(selected, types_));
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (columns_[c].categories) builder.know_categories(selected, c, *columns_[c].categories);
    }
    const Port rows = builder.add(std::make_shared<plan::Dictionary>(columns_, features_.size()),
                                  port, Form::Sparse, features_.size(), features_);
    return sparse_ ? rows : builder.dense(rows);
  }

  std::vector<std::string> names_;
  std::vector<data::ColumnType> types_;
  std::vector<plan::Dictionary::Column> columns_;
  std::vector<std::string> features_;
  bool sparse_;
};

// Features are "key", or "key=text" with the separator where a value was a text. A key or text
// with a separator in it is taken apart at the first.
base::Result<std::vector<Key>> keys_of(const Object& object,
                                       const std::vector<std::string>& features,
                                       std::string_view separator) {
  std::vector<Key> keys;
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < features.size(); ++i) {
    const std::size_t at = features[i].find(separator);
    const std::string name = features[i].substr(0, at);
    const auto [place, added] = places.emplace(name, keys.size());
    if (added) keys.push_back({name, std::nullopt, {}});
    Key& key = keys[place->second];
    if (at == std::string::npos) {
      key.number = i;
    } else {
      key.texts.emplace_back(features[i].substr(at + separator.size()),
                             static_cast<std::int32_t>(i));
    }
    if (key.number && !key.texts.empty()) {
      return object.unsupported("feature_names_", "numbers or texts for each key, not both",
                                base::quote(name));
    }
  }
  return keys;
}

Made read_dict_vectorizer(const Object& object, Reader&) {
  TRY_ASSIGN(auto features, object.texts("feature_names_"));
  TRY_ASSIGN(const std::string separator, object.text("separator"));
  TRY_ASSIGN(const bool sparse, object.flag("sparse"));
  if (separator.empty()) return object.unsupported("separator", "a text", "\"\"");
  if (features.empty() || features.size() > 0x7FFFFFFF) {
    return object.unexpected("feature_names_", "at least one feature", "none");
  }
  TRY_ASSIGN(auto keys, keys_of(object, features, separator));
  return std::make_unique<DictVectorizer>(std::move(keys), std::move(features), sparse);
}

constexpr Entry kDictVectorizer[] = {
    {"sklearn.feature_extraction", "DictVectorizer", read_dict_vectorizer},
};

}  // namespace

std::span<const Entry> dict_vectorizer_entries() { return kDictVectorizer; }

}  // namespace sklearn
