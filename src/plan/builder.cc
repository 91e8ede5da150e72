#include "plan/builder.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "base/text.h"
#include "plan/columns.h"

namespace plan {
namespace {

// Columns that all steps together may list one by one, and features that fit a sparse row's index.
constexpr std::size_t kWiredMax = 20'000'000;
constexpr std::size_t kFeaturesMax = 0x7FFFFFFF;

base::Error unlike(std::string_view what, std::size_t expected, std::size_t got) {
  return {base::Code::Corrupt, fmt::format("{}: expected {}, got {}", what, expected, got)};
}

}  // namespace

std::size_t Builder::column(std::string_view name) {
  const auto [at, added] = by_name_.emplace(name, columns_.size());
  if (added) columns_.push_back({at->first, std::nullopt, {}});
  return at->second;
}

Port Builder::all_columns() const {
  Port port{.kind = Port::Kind::Columns, .width = columns_.size()};
  port.columns.resize(columns_.size());
  std::iota(port.columns.begin(), port.columns.end(), std::size_t{0});
  if (named_) {
    for (const Column& each : columns_) port.names.push_back(each.name);
  }
  return port;
}

Port Builder::declare(const Port& input, std::span<const std::string> names) {
  if (input.kind != Port::Kind::Input) return input;
  if (!declared_) {
    declared_ = true;
    for (const std::string& name : names) column(name);
  }
  return all_columns();
}

base::Result<Port> Builder::declare(const Port& input, std::size_t count) {
  if (input.kind != Port::Kind::Input) return input;
  if (!declared_ && columns_.empty()) {
    if (count > kInputColumnsMax) {
      return base::Error(base::Code::Unsupported,
                         fmt::format("number of input columns: expected at most {}, got {}",
                                     kInputColumnsMax, count));
    }
    declared_ = true;
    named_ = false;
    for (std::size_t i = 0; i < count; ++i) {
      columns_.push_back({fmt::format("x{}", i), std::nullopt, {}});
    }
  }
  return all_columns();
}

base::Result<void> Builder::wire(std::size_t columns) {
  wired_ += std::min(columns, kWiredMax + 1);
  if (wired_ <= kWiredMax) return {};
  return base::Error(
      base::Code::Unsupported,
      fmt::format("plan: expected steps over at most {} columns in all, got more", kWiredMax));
}

base::Result<Port> Builder::select(const Port& from, std::span<const std::string> names) {
  if (from.kind == Port::Kind::Input) {
    Port port{.kind = Port::Kind::Columns, .width = names.size()};
    for (const std::string& name : names) {
      const std::size_t known = columns_.size();
      port.columns.push_back(column(name));
      if (declared_ && columns_.size() > known) {
        return base::Error(base::Code::Corrupt, fmt::format("column {}: expected one of the {} "
                                                            "columns the model was fitted with",
                                                            base::quote(name), known));
      }
      port.names.push_back(name);
    }
    return port;
  }
  std::vector<std::size_t> positions;
  for (const std::string& name : names) {
    const auto at = std::find(from.names.begin(), from.names.end(), name);
    if (at == from.names.end()) {
      return base::Error(base::Code::Unsupported,
                         fmt::format("column {}: expected one of the names that the step before "
                                     "gives its columns",
                                     base::quote(name)));
    }
    positions.push_back(static_cast<std::size_t>(at - from.names.begin()));
  }
  return select(from, positions);
}

base::Result<Port> Builder::select(const Port& from, std::span<const std::size_t> positions) {
  TRY(wire(positions.size()));
  if (from.kind == Port::Kind::Input) TRY(wire(columns_.size()));
  const Port whole = from.kind == Port::Kind::Input ? all_columns() : from;
  Port port{.kind = Port::Kind::Columns, .width = positions.size()};
  for (const std::size_t position : positions) {
    if (position >= whole.width) {
      return unlike("column position below the number of columns", whole.width, position);
    }
    if (whole.kind == Port::Kind::Columns) port.columns.push_back(whole.columns[position]);
    if (position < whole.names.size()) port.names.push_back(whole.names[position]);
  }
  if (whole.kind == Port::Kind::Columns) return port;
  auto step = std::make_shared<Pick>(whole.form,
                                     std::vector<std::size_t>(positions.begin(), positions.end()));
  return add(std::move(step), whole, whole.form, positions.size(), std::move(port.names));
}

base::Result<void> Builder::type_columns(std::span<const std::size_t> columns,
                                         std::span<const data::ColumnType> types) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    Column& each = columns_[columns[i]];
    if (!each.type) each.type = types[i];
    if (*each.type != types[i]) {
      return base::Error(base::Code::Unsupported,
                         fmt::format("column {}: expected one type for all who read it, got "
                                     "number and text",
                                     base::quote(each.name)));
    }
  }
  return {};
}

base::Result<Port> Builder::numeric(const Port& from, std::optional<std::size_t> width) {
  if (from.kind == Port::Kind::Input && !width && columns_.empty()) {
    return base::Error(base::Code::Unsupported,
                       "number of input columns: expected n_features_in_, got none");
  }
  TRY_ASSIGN(const Port whole, declare(from, width.value_or(columns_.size())));
  if (width && whole.width != *width) return unlike("number of features", *width, whole.width);
  if (whole.kind == Port::Kind::Slot) {
    if (whole.form != Form::Cells) return whole;
    return base::Error(base::Code::Unsupported, "features: expected numbers, got text");
  }
  TRY(wire(whole.width));
  const std::vector<data::ColumnType> types(whole.width, data::ColumnType::Number);
  TRY(type_columns(whole.columns, types));
  Port gathered = add(std::make_shared<Gather>(whole.columns), std::span<const Port>(), Form::Dense,
                      whole.width, whole.names);
  gathered.sent = true;
  return gathered;
}

base::Result<Port> Builder::dense(const Port& from, std::optional<std::size_t> width) {
  TRY_ASSIGN(Port port, numeric(from, width));
  if (port.form == Form::Dense) return port;
  return add(std::make_shared<ToDense>(port.width), port, Form::Dense, port.width, port.names);
}

base::Result<Port> Builder::sparse(const Port& from) {
  TRY_ASSIGN(Port port, numeric(from));
  if (port.form == Form::Sparse) return port;
  const std::vector<HStack::Part> whole = {{Form::Dense, port.width}};
  return add(std::make_shared<HStack>(whole, Form::Sparse), port, Form::Sparse, port.width,
             port.names);
}

base::Result<Port> Builder::finite(const Port& from, std::optional<std::size_t> width,
                                   Allowed allowed) {
  TRY_ASSIGN(Port port, numeric(from, width));
  // Sparse features of vectorisers and encoders alone are finite by themselves.
  if (port.form == Form::Sparse && !port.sent) return port;
  Port checked = add(std::make_shared<Finite>(port.form, port.width, port.names, allowed), port,
                     port.form, port.width, port.names);
  checked.sent = false;
  return checked;
}

base::Result<Port> Builder::text(const Port& from) {
  static constexpr data::ColumnType kText = data::ColumnType::Text;
  if (from.kind == Port::Kind::Input && columns_.empty()) {
    const std::vector<std::string> names = {"text"};
    return cells(declare(from, names), std::span(&kText, 1));
  }
  return cells(from, std::span(&kText, 1));
}

base::Result<Port> Builder::cells(const Port& from, std::span<const data::ColumnType> types) {
  TRY_ASSIGN(const Port whole, declare(from, types.size()));
  if (whole.width != types.size()) return unlike("number of columns", types.size(), whole.width);
  if (whole.kind == Port::Kind::Slot && whole.form != Form::Cells) {
    const bool numbers = std::all_of(types.begin(), types.end(), [](data::ColumnType type) {
      return type == data::ColumnType::Number;
    });
    if (!numbers) {
      return base::Error(base::Code::Unsupported, "features: expected text, got numbers");
    }
    TRY_ASSIGN(const Port spread, dense(whole));
    return add(std::make_shared<ToCells>(spread.width), spread, Form::Cells, spread.width,
               spread.names);
  }
  if (whole.kind == Port::Kind::Slot) return whole;
  TRY(wire(whole.width));
  TRY(type_columns(whole.columns, types));
  return add(std::make_shared<GatherCells>(whole.columns), std::span<const Port>(), Form::Cells,
             whole.width, whole.names);
}

base::Result<Port> Builder::hstack(std::span<const Port> parts) {
  std::vector<Port> ports;
  std::vector<HStack::Part> shapes;
  std::vector<std::string> names;
  Form form = Form::Dense;
  std::size_t width = 0;
  for (const Port& part : parts) {
    TRY_ASSIGN(Port port, numeric(part));
    if (port.form == Form::Sparse) form = Form::Sparse;
    shapes.push_back({port.form, port.width});
    if (port.width > kFeaturesMax - width) {
      return base::Error(base::Code::Unsupported,
                         fmt::format("features: expected at most {}, got more", kFeaturesMax));
    }
    width += port.width;
    if (names.size() + port.width == width && port.names.size() == port.width) {
      names.insert(names.end(), port.names.begin(), port.names.end());
    }
    ports.push_back(std::move(port));
  }
  if (names.size() != width) names.clear();
  if (ports.size() == 1) return ports.front();
  return add(std::make_shared<HStack>(std::move(shapes), form), ports, form, width,
             std::move(names));
}

Port Builder::add(std::shared_ptr<const Step> step, std::span<const Port> from, Form form,
                  std::size_t width, std::vector<std::string> names) {
  Instruction instruction{std::move(step), {}, instructions_.size()};
  bool sent = false;
  for (const Port& port : from) {
    instruction.inputs.push_back(port.slot);
    sent = sent || port.sent;
  }
  instructions_.push_back(std::move(instruction));
  return {.kind = Port::Kind::Slot,
          .columns = {},
          .slot = instructions_.size() - 1,
          .form = form,
          .width = width,
          .names = std::move(names),
          .sent = sent};
}

void Builder::know_categories(const Port& from, std::size_t position,
                              const Categories& categories) {
  if (from.kind == Port::Kind::Slot) return;
  const bool all = from.kind == Port::Kind::Input;
  if (position >= (all ? columns_.size() : from.columns.size())) return;
  Column& column = columns_[all ? position : from.columns[position]];
  if (column.categories.empty()) column.categories = categories.texts(data::kCategoriesMax);
}

base::Result<Plan> Builder::finish(const Port& result, Output output) && {
  TRY_ASSIGN(const Port port, numeric(result));
  output.form = port.form;
  data::Signature signature;
  for (Column& each : columns_) {
    signature.columns.push_back({each.name, each.type.value_or(data::ColumnType::Number),
                                 each.type.has_value(), std::move(each.categories)});
  }
  const std::size_t slots = instructions_.size();
  return Plan(std::move(signature), std::move(instructions_), slots, port.slot, std::move(output));
}

}  // namespace plan
