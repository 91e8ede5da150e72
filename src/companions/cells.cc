#include "companions/cells.h"

#include <utility>

#include <fmt/format.h>

#include "plan_cells/cell_number.h"
#include "plan_cells/cell_text.h"

namespace companions {

base::Result<Port> known_cells(Builder& builder, const Port& input, ColumnType absent,
                               std::size_t width) {
  TRY_ASSIGN(const Port whole, builder.declare(input, width));
  std::vector<ColumnType> types;
  for (const auto& type : builder.known_types(whole)) types.push_back(type.value_or(absent));
  return builder.cells(whole, types);
}

base::Result<Port> map_each(Builder& builder, const Port& cells, const MapColumn& map) {
  std::vector<plan::MapCells::Part> parts;
  std::vector<ColumnType> types;
  std::vector<plan::FeatureKind> kinds;
  bool idle = true;
  for (std::size_t c = 0; c < cells.width; ++c) {
    TRY_ASSIGN(Mapped mapped, map(cells.types[c], cells.kind_of(c), c));
    const bool stays = mapped.function == nullptr;
    idle = idle && stays;
    types.push_back(stays ? cells.types[c] : mapped.function->type());
    kinds.push_back(stays ? cells.feature_kind(c) : mapped.kind);
    parts.push_back({std::move(mapped.function), {c}});
  }
  if (idle) return cells;
  return builder.add_cells(std::make_shared<plan::MapCells>(std::move(parts)), cells,
                           std::move(types), cells.names, std::move(kinds));
}

Port map_all(Builder& builder, const Port& cells,
             std::shared_ptr<const plan::CellFunction> function, NumberKind kind) {
  const ColumnType type = function->type();
  plan::MapCells::Part part{std::move(function), {}};
  for (std::size_t c = 0; c < cells.width; ++c) part.columns.push_back(c);
  std::vector<plan::MapCells::Part> parts;
  parts.push_back(std::move(part));
  return builder.add_cells(std::make_shared<plan::MapCells>(std::move(parts)), cells, {type}, {},
                           {kind});
}

namespace {

plan::FeatureKind category_kind(const Holds& to) {
  plan::FeatureKind kind = NumberKind::Category;
  kind.categories = to.categories;
  return kind;
}

Mapped cast_column(const Holds& to, ColumnType type, NumberKind kind) {
  using What = Holds::What;
  switch (to.what) {
    case What::Unknown:
    case What::Category: return {};
    case What::Text:
      if (type == ColumnType::Text) return {};
      return {std::make_shared<plan::NumberText>(kind), NumberKind::Unknown};
    case What::Date:
    case What::Seconds:
      if (type == ColumnType::Number) return {};
      return {std::make_shared<plan::ParseDate>(to.what == What::Date), NumberKind::Int};
    case What::Number: break;
  }
  plan::NumberCast cast;
  using To = plan::NumberCast::To;
  cast.to = to.kind == NumberKind::Int    ? To::Integer
            : to.kind == NumberKind::Bool ? To::Bool
            : to.single                   ? To::Float32
                                          : To::Float;
  cast.bits = to.bits;
  cast.is_signed = to.is_signed;
  cast.missing_stays = to.nullable;
  if (type == ColumnType::Number && cast.to == To::Float) {
    return {nullptr, NumberKind::Float};
  }
  return {std::make_shared<plan::CastNumber>(cast), to.kind};
}

}  // namespace

base::Result<Port> cast_cells(Builder& builder, const Port& input, const Holds& to) {
  // What nobody typed, a type of cells alone leaves to whoever reads them.
  if (to.what == Holds::What::Category) {
    TRY_ASSIGN(Port kept, builder.declare(input, std::size_t{1}));
    kept.kinds.assign(kept.width, category_kind(to));
    for (Port& part : kept.parts) part.kinds.assign(part.width, category_kind(to));
    return kept;
  }
  if (to.what == Holds::What::Unknown && input.kind != Port::Kind::Input) return input;
  const bool dates = to.what == Holds::What::Date || to.what == Holds::What::Seconds;
  const ColumnType absent =
      dates || to.what == Holds::What::Text ? ColumnType::Text : ColumnType::Number;
  TRY_ASSIGN(const Port cells, known_cells(builder, input, absent));
  return map_each(builder, cells,
                  [&](ColumnType type, NumberKind kind, std::size_t) -> base::Result<Mapped> {
                    return cast_column(to, type, kind);
                  });
}

}  // namespace companions
