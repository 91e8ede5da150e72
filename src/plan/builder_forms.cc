// In which form a step gets what it reads: numbers, sparse rows or cells of types.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "plan/builder.h"
#include "plan/columns.h"

namespace plan {

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
  if (from.kind == Port::Kind::Input && !width && columns_.empty()) TRY(take_assumed());
  TRY_ASSIGN(const Port whole, declare(from, width.value_or(columns_.size())));
  if (width && whole.width != *width) return wrong_width("number of features", *width, whole.width);
  if (whole.kind == Port::Kind::Stack) return stack_numbers(whole);
  if (whole.kind == Port::Kind::Slot) {
    return whole.form == Form::Cells ? numbers_of_cells(whole) : base::Result<Port>(whole);
  }
  TRY(wire(whole.width));
  const std::vector<data::ColumnType> types(whole.width, data::ColumnType::Number);
  TRY(type_columns(whole.columns, types));
  Port gathered = add(std::make_shared<Gather>(whole.columns), std::span<const Port>(), Form::Dense,
                      whole.width, whole.names);
  gathered.sent = true;
  gathered.kinds = whole.kinds;
  return gathered;
}

base::Result<Port> Builder::numbers_of_cells(const Port& from) {
  for (std::size_t c = 0; c < from.types.size(); ++c) {
    if (from.types[c] == data::ColumnType::Number) continue;
    return base::Error(base::Code::Unsupported,
                       fmt::format("{}: expected numbers, got text", feature_label(from.names, c)));
  }
  Port port =
      add(std::make_shared<FromCells>(from.width), from, Form::Dense, from.width, from.names);
  port.kinds = from.kinds;
  port.sent = true;
  return port;
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
  if (allowed.dense_only && port.form == Form::Sparse && !port.spread) allowed.nan = false;
  allowed.dense_only = false;
  const auto* before = dynamic_cast<const Finite*>(instructions_[port.slot].step.get());
  if (before != nullptr && before->implies(allowed)) return port;
  Port checked = add(std::make_shared<Finite>(port.form, port.width, port.names, allowed), port,
                     port.form, port.width, port.names);
  checked.sent = allowed.nan;
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

base::Result<Port> Builder::json(const Port& from, data::Json form) {
  const bool whole = from.kind == Port::Kind::Input && columns_.empty();
  const std::vector<std::string> names = {"row"};
  TRY_ASSIGN(const Port port, whole ? declare(from, names) : declare(from, 1));
  if (port.kind != Port::Kind::Columns) {
    return base::Error(base::Code::Unsupported,
                       "features: expected a column of names and their values as rows have it, got "
                       "what a step before has made");
  }
  static constexpr data::ColumnType kText = data::ColumnType::Text;
  TRY_ASSIGN(Port read, cells(port, std::span(&kText, 1)));
  Column& column = columns_[port.columns.front()];
  if (column.json != data::Json::None && column.json != form) {
    return base::Error(base::Code::Unsupported,
                       fmt::format("column {}: expected one form for all who read it, got two",
                                   base::quote(column.name)));
  }
  column.json = form;
  column.whole = column.whole || whole;
  return read;
}

void Builder::omit(const Port& from) {
  if (from.kind != Port::Kind::Columns) return;
  for (const std::size_t column : from.columns) columns_[column].optional = true;
}

base::Result<Port> Builder::cells(const Port& from, std::span<const data::ColumnType> types) {
  TRY_ASSIGN(const Port whole, declare(from, types.size()));
  if (whole.width != types.size()) {
    return wrong_width("number of columns", types.size(), whole.width);
  }
  if (whole.kind == Port::Kind::Stack) return stack_cells(whole, types);
  if (whole.kind == Port::Kind::Slot && whole.form != Form::Cells) {
    const bool numbers = std::all_of(types.begin(), types.end(), [](data::ColumnType type) {
      return type == data::ColumnType::Number;
    });
    if (!numbers) {
      return base::Error(base::Code::Unsupported, "features: expected text, got numbers");
    }
    TRY_ASSIGN(const Port spread, dense(whole));
    return add_cells(std::make_shared<ToCells>(spread.width), spread, {types.begin(), types.end()},
                     spread.names, spread.kinds);
  }
  if (whole.kind == Port::Kind::Slot) {
    const auto [got, asked] = std::mismatch(whole.types.begin(), whole.types.end(), types.begin());
    if (got == whole.types.end()) return whole;
    const bool text = *got == data::ColumnType::Text;
    return base::Error(
        base::Code::Unsupported,
        fmt::format("{}: expected {}, got {}",
                    feature_label(whole.names, static_cast<std::size_t>(got - whole.types.begin())),
                    text ? "numbers" : "text", text ? "text" : "numbers"));
  }
  TRY(wire(whole.width));
  TRY(type_columns(whole.columns, types));
  Port gathered = add(std::make_shared<GatherCells>(whole.columns), std::span<const Port>(),
                      Form::Cells, whole.width, whole.names);
  gathered.types.assign(types.begin(), types.end());
  gathered.kinds = whole.kinds;
  return gathered;
}

// Numbers are put together at once; what may yet be text waits for its reader.
base::Result<Port> Builder::stack(std::span<const Port> parts, std::vector<std::string> names,
                                  std::size_t width) {
  if (parts.size() == 1) return parts.front();
  const bool numbers = std::all_of(parts.begin(), parts.end(), [](const Port& part) {
    return part.kind == Port::Kind::Slot && part.form != Form::Cells;
  });
  Port port{.kind = Port::Kind::Stack, .width = width, .names = std::move(names)};
  port.parts.assign(parts.begin(), parts.end());
  return numbers ? stack_numbers(port) : port;
}

base::Result<Port> Builder::stack_numbers(const Port& from) {
  std::vector<Port> ports;
  std::vector<HStack::Part> shapes;
  std::vector<FeatureKind> kinds;
  Form form = Form::Dense;
  for (const Port& part : from.parts) {
    TRY_ASSIGN(Port port, numeric(part));
    if (port.form == Form::Sparse) form = Form::Sparse;
    shapes.push_back({port.form, port.width});
    if (form == Form::Dense) {
      for (std::size_t i = 0; i < port.width; ++i) kinds.push_back(port.feature_kind(i));
    }
    ports.push_back(std::move(port));
  }
  if (form == Form::Sparse) kinds.clear();
  Port port =
      add(std::make_shared<HStack>(std::move(shapes), form), ports, form, from.width, from.names);
  port.spread = form == Form::Sparse && (port.spread || from.spread);
  port.kinds = std::move(kinds);
  return port;
}

base::Result<Port> Builder::stack_cells(const Port& from, std::span<const data::ColumnType> types) {
  std::vector<Port> ports;
  std::vector<FeatureKind> kinds;
  std::size_t first = 0;
  for (const Port& part : from.parts) {
    TRY_ASSIGN(Port port, cells(part, types.subspan(first, part.width)));
    for (std::size_t i = 0; i < port.width; ++i) kinds.push_back(port.feature_kind(i));
    first += part.width;
    ports.push_back(std::move(port));
  }
  Port port =
      add(std::make_shared<HStackCells>(ports.size()), ports, Form::Cells, from.width, from.names);
  port.types.assign(types.begin(), types.end());
  port.kinds = std::move(kinds);
  return port;
}

Port Builder::add_cells(std::shared_ptr<const Step> step, const Port& from,
                        std::vector<data::ColumnType> types, std::vector<std::string> names,
                        std::vector<FeatureKind> kinds) {
  Port port = add(std::move(step), from, Form::Cells, types.size(), std::move(names));
  port.types = std::move(types);
  port.kinds = std::move(kinds);
  return port;
}

std::vector<std::optional<data::ColumnType>> Builder::known_types(const Port& from) const {
  using Type = std::optional<data::ColumnType>;
  std::vector<Type> types(from.width);
  if (from.kind == Port::Kind::Columns) {
    for (std::size_t c = 0; c < from.width; ++c) {
      types[c] = columns_[from.columns[c]].type;
      const NumberKind kind = from.kind_of(c);
      if (!types[c] && kind != NumberKind::Unknown && kind != NumberKind::Category) {
        types[c] = data::ColumnType::Number;
      }
    }
  } else if (from.kind == Port::Kind::Slot) {
    types.assign(from.width, data::ColumnType::Number);
    std::copy(from.types.begin(), from.types.end(), types.begin());
  }
  std::size_t first = 0;
  for (const Port& part : from.parts) {
    const auto some = known_types(part);
    std::copy(some.begin(), some.end(), types.begin() + static_cast<std::ptrdiff_t>(first));
    first += part.width;
  }
  return types;
}

void Builder::know_categories(const Port& from, std::size_t position,
                              const Categories& categories) {
  if (from.kind == Port::Kind::Slot) return;
  if (from.kind == Port::Kind::Stack) {
    for (const Port& part : from.parts) {
      if (position < part.width) return know_categories(part, position, categories);
      position -= part.width;
    }
    return;
  }
  const bool all = from.kind == Port::Kind::Input;
  if (position >= (all ? columns_.size() : from.columns.size())) return;
  Column& column = columns_[all ? position : from.columns[position]];
  if (column.categories.empty()) column.categories = categories.texts(data::kCategoriesMax);
}

}  // namespace plan
