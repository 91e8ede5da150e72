#include "companions/category_items.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "companions/category_columns.h"
#include "companions/transformer.h"
#include "plan_cells/hash_categories.h"
#include "plan_cells/mark_items.h"

namespace companions {
namespace {

using plan::ItemMarks;

// Buckets cost a file nothing to ask for.
constexpr std::int64_t kBucketsMax = 1'000'000;

// Counts of buckets, and behind them the columns that it does not hash.
class HashingEncoder final : public Transformer {
 public:
  struct Fitted {
    EncoderInput input;
    std::vector<std::size_t> hashed;  // In the order of `cols`.
    std::shared_ptr<const plan::Step> step;
    std::size_t buckets = 0;
    std::vector<std::string> dropped;
  };
  explicit HashingEncoder(Fitted fitted) : fitted_(std::move(fitted)) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& from) const override {
    TRY_ASSIGN(const Port input, fitted_.input.declare(builder, from));
    TRY_ASSIGN(const Port columns, builder.select(input, fitted_.hashed));
    const std::vector<ColumnType> types(fitted_.hashed.size(), ColumnType::Text);
    TRY_ASSIGN(const Port texts, builder.cells(columns, types));
    std::vector<std::string> names;
    for (std::size_t i = 0; i < fitted_.buckets; ++i) names.push_back(fmt::format("col_{}", i));
    std::vector<Port> ports = {
        builder.add(fitted_.step, texts, Form::Dense, fitted_.buckets, names)};
    for (std::size_t c = 0; c < fitted_.input.names.size(); ++c) {
      if (std::find(fitted_.hashed.begin(), fitted_.hashed.end(), c) != fitted_.hashed.end()) {
        continue;
      }
      TRY_ASSIGN(Port port, builder.select(input, std::span<const std::size_t>(&c, 1)));
      port.names = {fitted_.input.names[c]};
      names.push_back(fitted_.input.names[c]);
      ports.push_back(std::move(port));
    }
    TRY_ASSIGN(const Port all, builder.hstack(ports));
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto& dropped = fitted_.dropped;
      if (std::find(dropped.begin(), dropped.end(), names[i]) == dropped.end()) kept.push_back(i);
    }
    return kept.size() == names.size() ? base::Result<Port>(all) : builder.select(all, kept);
  }

  Fitted fitted_;
};

// "mapping" of one column: {"col": ..., "columns": names, "item_pos": {item: position}, ...}.
class MultiHotColumn {
 public:
  MultiHotColumn(const Object& object, Value mapping) : object_(object), mapping_(mapping) {}

  base::Result<CategoryColumn> read() {
    const auto label = find("col") ? column_label(*find("col")) : std::nullopt;
    const auto names = find("columns");
    const auto places = find("item_pos");
    if (!label || !names || !places) {
      return object_.unexpected("mapping", "columns and items", mapping_);
    }
    CategoryColumn column{.name = *label, .outputs = {}, .rows = {}};
    TRY_ASSIGN(column.outputs, texts_of(*names));
    marks_.name = *label;
    marks_.width = column.outputs.size();
    TRY_ASSIGN(marks_.delimiter, object_.text("delimiter"));
    if (marks_.delimiter.empty() || marks_.width == 0) {
      return object_.unexpected("delimiter", "a delimiter, and items", mapping_);
    }
    for (const pickle::Entry& entry : places->entries()) {
      const auto item = entry.key.as_string();
      TRY_ASSIGN(const std::size_t place, place_of(entry.value));
      if (!item) return object_.unexpected("mapping", "items that are texts", entry.key);
      marks_.places.emplace(std::string(*item), place);
    }
    TRY(treat_unknown());
    TRY(treat_missing());
    column.step = std::make_shared<plan::MarkItems>(std::move(marks_), python_);
    return column;
  }
  void set_python(text::PythonVersion python) { python_ = python; }

 private:
  std::optional<Value> find(std::string_view key) const {
    const auto value = mapping_.find(key);
    return value && !value->is_none() ? value : std::nullopt;
  }

  base::Result<std::size_t> place_of(Value value) const {
    const auto place = value.as_int();
    if (place && *place >= 0 && static_cast<std::uint64_t>(*place) < marks_.width) {
      return static_cast<std::size_t>(*place);
    }
    return object_.unexpected("mapping", fmt::format("positions below {}", marks_.width), value);
  }

  base::Result<void> treat_unknown() {
    TRY_ASSIGN(const std::string word, object_.text_or("handle_unknown", "value"));
    if (word == "error") marks_.unknown = ItemMarks::Unknown::Refused;
    if (word == "return_nan") marks_.unknown = ItemMarks::Unknown::AllNan;
    const auto place = find("unknown_pos");
    if (word != "indicator" || !place) return {};
    marks_.unknown = ItemMarks::Unknown::Marked;
    TRY_ASSIGN(marks_.unknown_place, place_of(*place));
    return {};
  }

  base::Result<void> treat_missing() {
    TRY_ASSIGN(const std::string word, object_.text_or("handle_missing", "value"));
    if (word == "error") return {};
    marks_.missing.emplace(marks_.width, word == "return_nan" ? kNotEncoded : 0.0);
    const auto place = find(word == "indicator" ? "missing_pos" : "nan_value_pos");
    if (!place || (word != "indicator" && word != "value")) return {};
    TRY_ASSIGN(const std::size_t at, place_of(*place));
    (*marks_.missing)[at] = 1;
    return {};
  }

  const Object& object_;
  Value mapping_;
  ItemMarks marks_;
  text::PythonVersion python_;
};

}  // namespace

Made read_hashing_encoder(const Object& object, Reader&) {
  HashingEncoder::Fitted fitted;
  TRY(refuse_composites(object));
  if (const auto lumped = object.find("min_group_lumping_"); lumped && !lumped->entries().empty()) {
    return object.unsupported("min_group_lumping_", "none", describe(*lumped));
  }
  TRY_ASSIGN(const auto columns, column_labels(object, "cols"));
  TRY_ASSIGN(fitted.input, read_encoder_input(object, columns));
  TRY_ASSIGN(fitted.dropped, read_dropped(object));
  if (columns.empty()) return std::make_unique<Unchanged>();
  for (const std::string& name : columns) {
    const auto& names = fitted.input.names;
    fitted.hashed.push_back(
        static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin()));
  }
  TRY_ASSIGN(const std::int64_t buckets, object.integer("n_components"));
  if (buckets < 1 || buckets > kBucketsMax) {
    return object.unexpected("n_components", fmt::format("1 to {}", kBucketsMax),
                             std::to_string(buckets));
  }
  TRY_ASSIGN(const std::string method, object.text("hash_method"));
  auto hash = base::NamedHash::find(method);
  if (!hash.ok()) {
    return std::move(hash).error().within(fmt::format("{} \"hash_method\"", object.title()));
  }
  fitted.buckets = static_cast<std::size_t>(buckets);
  fitted.step = std::make_shared<plan::HashCategories>(*std::move(hash), fitted.buckets, columns);
  return std::make_unique<HashingEncoder>(std::move(fitted));
}

Made read_multi_hot_encoder(const Object& object, Reader& reader) {
  TRY_ASSIGN(const auto items, object.list("mapping"));
  std::vector<CategoryColumn> columns;
  for (const Value item : items) {
    MultiHotColumn column(object, item);
    column.set_python(reader.options().python);
    TRY_ASSIGN(CategoryColumn made, column.read());
    columns.push_back(std::move(made));
  }
  return make_category_encoder(object, std::move(columns));
}

}  // namespace companions
