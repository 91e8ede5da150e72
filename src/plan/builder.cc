#include "plan/builder.h"

#include <algorithm>
#include <numeric>
#include <typeinfo>

#include <fmt/format.h>

#include "base/text.h"

namespace plan {
namespace {

// Columns that all steps together may list one by one, and features that fit a sparse row's index.
constexpr std::size_t kWiredMax = 20'000'000;
constexpr std::size_t kFeaturesMax = 0x7FFFFFFF;
// With how many of its like a step is compared, the latest first.
constexpr std::size_t kComparedMax = 32;

base::Error unlike(std::string_view what, std::size_t expected, std::size_t got) {
  return {base::Code::Corrupt, fmt::format("{}: expected {}, got {}", what, expected, got)};
}

std::size_t key_of(const Instruction& instruction) {
  const Step& step = *instruction.step;
  std::size_t key = typeid(step).hash_code();
  for (const std::size_t slot : instruction.inputs) key = key * 1'000'003 + slot + 1;
  return key;
}

// Whether scikit-learn has none of these as sparse rows, though some are here.
bool all_spread(std::span<const Port> ports) {
  bool some = false;
  for (const Port& port : ports) {
    if (port.form == Form::Cells || (port.form == Form::Sparse && !port.spread)) return false;
    some = some || port.form == Form::Sparse;
  }
  return some;
}

}  // namespace

std::size_t Builder::column(std::string_view name) {
  const auto [at, added] = by_name_.emplace(name, columns_.size());
  if (added) columns_.push_back({.name = at->first, .type = std::nullopt, .categories = {}});
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

FeatureKind Port::feature_kind(std::size_t feature) const {
  for (const Port& part : parts) {
    if (feature < part.width) return part.feature_kind(feature);
    feature -= part.width;
  }
  return feature < kinds.size() ? kinds[feature] : FeatureKind();
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
      columns_.push_back({.name = fmt::format("x{}", i), .type = std::nullopt, .categories = {}});
    }
  }
  return all_columns();
}

base::Result<void> Builder::take_assumed() {
  asked_for_columns_ = true;
  if (assumed_.empty()) {
    return base::Error(base::Code::Unsupported,
                       "number of input columns: expected n_features_in_, got none");
  }
  declare(input(), assumed_);
  return {};
}

base::Error Builder::wrong_width(std::string_view what, std::size_t expected, std::size_t got) {
  if (!mismatch_) mismatch_ = Mismatch{.expected = expected, .got = got};
  return unlike(what, expected, got);
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
  if (from.kind == Port::Kind::Stack) return select_of_stack(from, positions);
  if (from.kind == Port::Kind::Input) {
    if (columns_.empty() && !positions.empty()) TRY(take_assumed());
    TRY(wire(columns_.size()));
  }
  const Port whole = from.kind == Port::Kind::Input ? all_columns() : from;
  Port port{.kind = Port::Kind::Columns, .width = positions.size()};
  for (const std::size_t position : positions) {
    if (position >= whole.width) {
      return unlike("column position below the number of columns", whole.width, position);
    }
    if (whole.kind == Port::Kind::Columns) port.columns.push_back(whole.columns[position]);
    if (position < whole.names.size()) port.names.push_back(whole.names[position]);
    if (position < whole.types.size()) port.types.push_back(whole.types[position]);
    if (!whole.kinds.empty()) port.kinds.push_back(whole.feature_kind(position));
  }
  if (whole.kind == Port::Kind::Columns) return port;
  auto step = std::make_shared<Pick>(whole.form,
                                     std::vector<std::size_t>(positions.begin(), positions.end()));
  Port picked = add(std::move(step), whole, whole.form, positions.size(), std::move(port.names));
  picked.types = std::move(port.types);
  picked.kinds = std::move(port.kinds);
  return picked;
}

// Of each part what of it is next to each other; columns that nobody typed stay so.
base::Result<Port> Builder::select_of_stack(const Port& from,
                                            std::span<const std::size_t> positions) {
  std::vector<std::pair<std::size_t, std::size_t>> places;  // Of each feature: part, place in it.
  for (std::size_t p = 0; p < from.parts.size(); ++p) {
    for (std::size_t i = 0; i < from.parts[p].width; ++i) places.emplace_back(p, i);
  }
  TRY(wire(places.size()));
  std::vector<Port> picked;
  for (std::size_t k = 0; k < positions.size();) {
    if (positions[k] >= places.size()) {
      return unlike("column position below the number of columns", places.size(), positions[k]);
    }
    const std::size_t part = places[positions[k]].first;
    std::vector<std::size_t> within;
    for (; k < positions.size() && positions[k] < places.size(); ++k) {
      if (places[positions[k]].first != part) break;
      within.push_back(places[positions[k]].second);
    }
    TRY_ASSIGN(Port some, select(from.parts[part], within));
    picked.push_back(std::move(some));
  }
  TRY_ASSIGN(Port port, hstack(picked));
  const bool sparse = port.kind == Port::Kind::Stack || port.form == Form::Sparse;
  port.spread = port.spread || (from.spread && sparse);
  if (port.kind == Port::Kind::Slot) return port;
  port.names.clear();
  for (const std::size_t position : positions) {
    if (position < from.names.size()) port.names.push_back(from.names[position]);
  }
  return port;
}

base::Result<Port> Builder::hstack(std::span<const Port> parts) {
  std::vector<Port> flat;
  std::vector<std::string> names;
  std::size_t width = 0;
  for (const Port& part : parts) {
    if (part.kind == Port::Kind::Input && columns_.empty()) TRY(take_assumed());
    const Port whole = part.kind == Port::Kind::Input ? all_columns() : part;
    if (whole.width > kFeaturesMax - width) {
      return base::Error(base::Code::Unsupported,
                         fmt::format("features: expected at most {}, got more", kFeaturesMax));
    }
    width += whole.width;
    if (names.size() + whole.width == width && whole.names.size() == whole.width) {
      names.insert(names.end(), whole.names.begin(), whole.names.end());
    }
    if (whole.width == 0 && parts.size() > 1) continue;
    if (whole.kind == Port::Kind::Stack) {
      flat.insert(flat.end(), whole.parts.begin(), whole.parts.end());
    } else {
      flat.push_back(whole);
    }
  }
  if (names.size() != width) names.clear();
  if (flat.empty()) return parts.empty() ? Port{.kind = Port::Kind::Stack} : parts.front();
  return stack(flat, std::move(names), width);
}

Port Builder::add(std::shared_ptr<const Step> step, std::span<const Port> from, Form form,
                  std::size_t width, std::vector<std::string> names) {
  Instruction instruction{std::move(step), {}, instructions_.size()};
  bool sent = false;
  for (const Port& port : from) {
    instruction.inputs.push_back(port.slot);
    sent = sent || port.sent;
  }
  const std::size_t key = key_of(instruction);
  const auto known = find_same(instruction, key);
  const std::size_t slot = known.value_or(instruction.output);
  if (!known) {
    alike_[key].push_back(slot);
    instructions_.push_back(std::move(instruction));
  }
  return {.kind = Port::Kind::Slot,
          .columns = {},
          .slot = slot,
          .form = form,
          .types = {},
          .parts = {},
          .width = width,
          .names = std::move(names),
          .kinds = {},
          .sent = sent,
          .spread = form == Form::Sparse && all_spread(from)};
}

std::optional<std::size_t> Builder::find_same(const Instruction& instruction,
                                              std::size_t key) const {
  const auto at = alike_.find(key);
  if (at == alike_.end()) return std::nullopt;
  std::size_t compared = 0;
  for (auto slot = at->second.rbegin(); slot != at->second.rend(); ++slot) {
    if (++compared > kComparedMax) break;
    const Instruction& each = instructions_[*slot];
    if (each.inputs == instruction.inputs && each.step->same_as(*instruction.step)) return *slot;
  }
  return std::nullopt;
}

base::Result<void> Builder::count_part() {
  if (++parts_ <= kPartsMax) return {};
  return base::Error(
      base::Code::Unsupported,
      fmt::format("plan: expected at most {} estimators in all, got more", kPartsMax));
}

void Builder::remember(const void* memory, const std::string& name, const Port& port) {
  remembered_.insert_or_assign({memory, name}, port);
}

base::Result<Port> Builder::recall(const void* memory, const std::string& name) const {
  const auto at = remembered_.find({memory, name});
  if (at != remembered_.end()) return at->second;
  return base::Error(base::Code::Corrupt,
                     fmt::format("memory: expected {} to be remembered before", base::quote(name)));
}

base::Result<Plan> Builder::finish(const Port& result, Output output) && {
  TRY_ASSIGN(const Port port, numeric(result));
  output.form = port.form;
  data::Signature signature;
  for (Column& each : columns_) {
    signature.columns.push_back({.name = each.name,
                                 .type = each.type.value_or(data::ColumnType::Number),
                                 .used = each.type.has_value(),
                                 .categories = std::move(each.categories),
                                 .optional = each.optional,
                                 .json = each.json,
                                 .whole = each.whole});
  }
  signature.open = open_;
  // Somebody else reads columns of the same rows.
  if (signature.columns.size() > 1) {
    for (data::Column& each : signature.columns) each.whole = false;
  }
  const std::size_t slots = instructions_.size();
  return Plan(std::move(signature), std::move(instructions_), slots, port.slot, std::move(output));
}

}  // namespace plan
