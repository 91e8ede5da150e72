#include "sklearn_preparation/dict_vectorizer.h"

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
#include "plan_cells/dictionary.h"

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
  struct Options {
    bool sparse = true;
    bool single = false;  // Numbers are float32.
  };
  DictVectorizer(std::vector<Key> keys, std::vector<std::string> features, Options options)
      : features_(std::move(features)), sparse_(options.sparse), single_(options.single) {
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
    // A key that a row lacks is 0, and one that was not fitted says nothing.
    builder.omit(selected);
    builder.open_rows();
    TRY_ASSIGN(const Port port, builder.cells(selected, types_));
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (columns_[c].categories) builder.know_categories(selected, c, *columns_[c].categories);
    }
    auto step = std::make_shared<plan::Dictionary>(columns_, features_.size(), single_);
    Port rows = builder.add(std::move(step), port, Form::Sparse, features_.size(), features_);
    rows.sent = true;
    return sparse_ ? rows : builder.dense(rows);
  }

  std::vector<std::string> names_;
  std::vector<data::ColumnType> types_;
  std::vector<plan::Dictionary::Column> columns_;
  std::vector<std::string> features_;
  bool sparse_;
  bool single_;
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

// Whether `dtype` is float32; float64 else.
base::Result<bool> read_dict_single(const Object& object) {
  const auto dtype = object.find("dtype");
  if (!dtype) return false;
  const std::string name(dtype->is(pickle::Kind::Global) ? dtype->name()
                                                         : dtype->as_string().value_or(""));
  if (name == "float64" || name == "float") return false;
  if (name == "float32") return true;
  return object.unsupported("dtype", "float64 or float32", describe(*dtype));
}

Made read_dict_vectorizer(const Object& object, Reader&) {
  TRY_ASSIGN(auto features, object.texts("feature_names_"));
  TRY_ASSIGN(const std::string separator, object.text("separator"));
  DictVectorizer::Options options;
  TRY_ASSIGN(options.sparse, object.flag("sparse"));
  TRY_ASSIGN(options.single, read_dict_single(object));
  if (separator.empty()) return object.unsupported("separator", "a text", "\"\"");
  if (features.empty() || features.size() > 0x7FFFFFFF) {
    return object.unexpected("feature_names_", "at least one feature", "none");
  }
  TRY_ASSIGN(auto keys, keys_of(object, features, separator));
  return std::make_unique<DictVectorizer>(std::move(keys), std::move(features), options);
}

constexpr Entry kDictVectorizer[] = {
    {"sklearn.feature_extraction", "DictVectorizer", read_dict_vectorizer},
};

}  // namespace

std::span<const Entry> dict_vectorizer_entries() { return kDictVectorizer; }

}  // namespace sklearn
