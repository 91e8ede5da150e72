#include "sklearn_wrappers/compose.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "fitted/pandas.h"
#include "sklearn_values/feature_names.h"
#include "sklearn_wrappers/pipeline.h"

namespace sklearn {
namespace {

using pickle::Value;
using plan::Builder;
using plan::Method;
using plan::Port;

using Names = std::vector<std::string>;
using Positions = std::vector<std::size_t>;
using Columns = std::variant<Names, Positions>;

struct Part {
  PartNames names;         // Of its features.
  EstimatorPtr estimator;  // Null: passthrough.
  Columns columns;
  double weight = 1;
};

class ColumnTransformer final : public Estimator {
 public:
  // `sparse`: what it leaves is sparse where a part's is.
  ColumnTransformer(std::vector<Part> parts, Names names, std::optional<std::size_t> width,
                    bool sparse)
      : parts_(std::move(parts)), names_(std::move(names)), width_(width), sparse_(sparse) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& from) const override {
    TRY_ASSIGN(const Port input, declared(builder, from));
    std::vector<Port> ports;
    for (const Part& part : parts_) {
      Port port;
      if (const auto* names = std::get_if<Names>(&part.columns)) {
        TRY_ASSIGN(port, builder.select(input, *names));
      } else {
        const auto& positions = std::get<Positions>(part.columns);
        TRY_ASSIGN(port, builder.select(input, positions));
        if (port.names.empty()) port.names = picked(input.names, positions);
      }
      if (part.estimator != nullptr) {
        TRY_ASSIGN(port, part.estimator->emit(method, builder, port));
      }
      TRY_ASSIGN(port, weighted(builder, port, part.weight));
      part.names.apply(port);
      ports.push_back(std::move(port));
    }
    TRY_ASSIGN(Port port, builder.hstack(ports));
    // Of a stack that nobody has read yet it says what it will be.
    const bool sparse = port.kind == Port::Kind::Stack || port.form == plan::Form::Sparse;
    port.spread = sparse && !sparse_;
    return port;
  }

  // Where columns are asked for by names alone, and nobody says which others there were, the input
  // has those that are asked for.
  base::Result<Port> declared(Builder& builder, const Port& from) const {
    if (!names_.empty()) return builder.declare(from, names_);
    const auto by_name = [](const Part& part) {
      return std::holds_alternative<Names>(part.columns);
    };
    const auto named = std::count_if(parts_.begin(), parts_.end(), by_name);
    if (named == 0) return width_ ? builder.declare(from, *width_) : base::Result<Port>(from);
    if (from.kind == Port::Kind::Input && named < static_cast<std::ptrdiff_t>(parts_.size())) {
      return base::Error(base::Code::Unsupported,
                         "columns by name and by position: expected the names of all columns, got "
                         "a model that does not hold them");
    }
    return from;
  }

  std::vector<Part> parts_;
  Names names_;
  std::optional<std::size_t> width_;
  bool sparse_;
};

// Positions; negative ones count from the end.
std::optional<Positions> positions_of(Value value, std::optional<std::size_t> width) {
  Positions positions;
  const auto numbers = doubles_of(value);
  if (!numbers.ok()) return std::nullopt;
  const double most = static_cast<double>(width.value_or(Builder::kInputColumnsMax));
  for (double number : *numbers) {
    if (number < 0 && width) number += most;
    if (!(number >= 0 && number < most)) return std::nullopt;
    positions.push_back(static_cast<std::size_t>(number));
  }
  return positions;
}

bool is_mask(Value value) {
  if (const pickle::Array* array = value.array()) return array->dtype.kind == 'b';
  const auto items = value.items();
  return !items.empty() && items.front().is(pickle::Kind::Bool);
}

// slice(start, stop, step) of positions, or of names, of which `stop` is the last; a step that goes
// backwards is nobody's.
std::optional<Positions> slice_of(Value value, std::optional<std::size_t> width,
                                  const Names& names) {
  const pickle::Record* record = value.record();
  if (record == nullptr || record->name() != "slice" || record->args.size() != 3 || !width) {
    return std::nullopt;
  }
  const auto count = static_cast<std::int64_t>(*width);
  const auto bound = [&](std::size_t i, std::int64_t absent) -> std::optional<std::int64_t> {
    const Value given = record->args[i];
    if (given.is_none()) return absent;
    if (const auto name = given.as_string()) {
      const auto at = std::find(names.begin(), names.end(), *name);
      if (at == names.end()) return std::nullopt;
      return at - names.begin() + static_cast<std::int64_t>(i);
    }
    const auto at = given.as_int();
    if (!at) return std::nullopt;
    return std::clamp(*at < 0 ? *at + count : *at, std::int64_t{0}, count);
  };
  const auto start = bound(0, 0);
  const auto stop = bound(1, count);
  const auto step = record->args[2].is_none() ? 1 : record->args[2].as_int();
  if (!start || !stop || !step || *step < 1 || *step > count) return std::nullopt;
  Positions positions;
  for (std::int64_t at = *start; at < *stop; at += *step) {
    positions.push_back(static_cast<std::size_t>(at));
  }
  return positions;
}

base::Result<Columns> columns_of(const Object& object, Value value,
                                 std::optional<std::size_t> width, const Names& known) {
  if (const auto name = value.as_string()) return Columns(Names{std::string(*name)});
  if (auto names = texts_of(value); names.ok() && !names->empty()) {
    return Columns(*std::move(names));
  }
  if (is_mask(value)) {
    TRY_ASSIGN(const auto mask, doubles_of(value));
    Positions positions;
    for (std::size_t i = 0; i < mask.size(); ++i) {
      if (mask[i] != 0) positions.push_back(i);
    }
    return Columns(std::move(positions));
  }
  if (auto positions = slice_of(value, width, known)) return Columns(*std::move(positions));
  if (auto positions = positions_of(value, width)) return Columns(*std::move(positions));
  return object.unsupported("transformers_", "columns by name, position, mask or slice",
                            describe(value));
}

// The names of the frame it was fitted with, which early releases keep under another name, the
// earliest as pandas' own Index.
base::Result<Names> fitted_names(const Object& object) {
  for (const char* attribute : {"feature_names_in_", "_feature_names_in"}) {
    if (object.has(attribute)) return object.texts(attribute);
  }
  const auto index = object.find("_df_columns");
  const auto cells = index ? fitted::cells_of(*index) : std::vector<fitted::PandasCell>();
  if (!cells.ok()) return Names();
  Names names;
  for (const fitted::PandasCell& cell : *cells) {
    if (const auto* name = std::get_if<std::string>(&cell)) names.push_back(*name);
  }
  return names.size() == cells->size() ? names : Names();
}

base::Result<std::optional<std::size_t>> fitted_width(const Object& object) {
  for (const char* attribute : {"n_features_in_", "_n_features"}) {
    if (!object.has(attribute)) continue;
    TRY_ASSIGN(const auto width, object.integer(attribute));
    if (width < 0 || width > static_cast<std::int64_t>(Builder::kInputColumnsMax)) {
      return object.unexpected(attribute, "a number of columns", std::to_string(width));
    }
    return std::optional(static_cast<std::size_t>(width));
  }
  return std::optional<std::size_t>();
}

Made read_column_transformer(const Object& object, Reader& reader) {
  TRY_ASSIGN(Names names, fitted_names(object));
  TRY_ASSIGN(const auto width, fitted_width(object));
  TRY_ASSIGN(const auto items, object.list("transformers_"));
  const auto weights = object.find("transformer_weights");
  // Where each transformer's columns were in the input, whichever way they were asked for.
  const auto indices = object.find("_transformer_to_input_indices");
  std::vector<Part> parts;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto triple = items[i].items();
    if (triple.size() != 3 || !triple[0].as_string()) {
      return object.unexpected("transformers_", "(name, transformer, columns)", items[i]);
    }
    if (triple[1].as_string() == "drop" || triple[1].is_none()) continue;
    const std::string name(*triple[0].as_string());
    Part part{.names = PartNames::of(object, name), .estimator = nullptr, .columns = {}};
    const auto known = indices && width ? indices->find(name) : std::nullopt;
    if (const auto positions = known ? positions_of(*known, width) : std::nullopt) {
      part.columns = *positions;
    } else {
      TRY_ASSIGN(part.columns, columns_of(object, triple[2], width, names));
    }
    if (!reader.spend(
            std::visit([](const auto& columns) { return columns.size(); }, part.columns))) {
      return object.unsupported("transformers_", "fewer columns in all", describe(triple[2]));
    }
    // scikit-learn leaves a transformer of no columns unfitted and out.
    if (std::visit([](const auto& columns) { return columns.empty(); }, part.columns)) continue;
    if (triple[1].as_string() != "passthrough") {
      part.estimator =
          reader.read(triple[1], fmt::format("transformers_[{}] {}", i, base::quote(name)));
    }
    if (const auto weight = weights ? weights->find(name) : std::nullopt) {
      const auto number = weight->as_float();
      if (!number) return object.unexpected("transformer_weights", "numbers", *weight);
      part.weight = *number;
    }
    parts.push_back(std::move(part));
  }
  if (parts.empty()) return object.unexpected("transformers_", "at least one transformer", "none");
  const auto said = object.find("sparse_output_");
  const bool sparse = !said || said->as_float().value_or(1) != 0;
  return std::make_unique<ColumnTransformer>(std::move(parts), std::move(names), width, sparse);
}

constexpr Entry kCompose[] = {
    {"sklearn.compose", "ColumnTransformer", read_column_transformer},
};

}  // namespace

std::span<const Entry> compose_entries() { return kCompose; }

}  // namespace sklearn
