#include "sklearn_linear/linear_scores.h"

#include <utility>

#include <fmt/format.h>

#include "pickle/sparse.h"
#include "plan_scores/linear.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Port;

// Whether `part` lies in `whole`.
bool is_within(base::Bytes part, base::Bytes whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

// What sparsify() left.
base::Result<std::shared_ptr<const plan::Coefficients>> spread_coefficients(const Object& object,
                                                                            pickle::Value value,
                                                                            Reader& reader) {
  TRY_ASSIGN(const pickle::Sparse sparse, pickle::as_csr(value));
  const bool empty = sparse.rows == 0 || sparse.columns == 0;
  const bool fits = !empty && sparse.columns < (std::uint64_t{1} << 31U) / sparse.rows &&
                    reader.spend(sparse.rows * sparse.columns);
  if (!fits) {
    return object.unsupported("coef_", "a matrix of some and not too many numbers",
                              fmt::format("{} x {}", sparse.rows, sparse.columns));
  }
  Numbers spread{sparse.rows, sparse.columns,
                 std::vector<double>(sparse.rows * sparse.columns, 0.0)};
  for (std::size_t row = 0; row < spread.rows; ++row) {
    const auto last = static_cast<std::size_t>(sparse.indptr[row + 1]);
    for (auto at = static_cast<std::size_t>(sparse.indptr[row]); at < last; ++at) {
      const auto column = static_cast<std::size_t>(sparse.indices[at]);
      spread.values[row * spread.columns + column] += sparse.data[at];
    }
  }
  return by_output(spread);
}

}  // namespace

base::Result<std::shared_ptr<const plan::Coefficients>> LinearScores::read_coefficients(
    const Object& object, Reader& reader, std::string_view attribute) {
  TRY_ASSIGN(const pickle::Value value, object.get(attribute));
  if (pickle::is_sparse(value)) return spread_coefficients(object, value, reader);
  TRY_ASSIGN(const Table table, object.table(attribute));
  const plan::Coefficients::Source source{.outputs = table.rows,
                                          .features = table.columns,
                                          .doubles = table.doubles,
                                          .column_major = table.column_major};
  const base::HeldBytes& held = reader.options().in_place;
  const bool in_place =
      held.holder != nullptr && !table.column_major && is_within(table.doubles, held.bytes);
  return in_place ? plan::Coefficients::view(source, held.holder)
                  : plan::Coefficients::make(source);
}

base::Result<LinearScores> LinearScores::read(const Object& object, Reader& reader) {
  TRY_ASSIGN(auto coef, read_coefficients(object, reader));
  TRY_ASSIGN(std::vector<double> intercept, object.doubles("intercept_"));
  // fit_intercept=False leaves the one number 0.
  if (intercept.size() == 1) intercept.resize(coef->outputs(), intercept.front());
  if (intercept.size() != coef->outputs()) {
    return object.unexpected("intercept_", fmt::format("{} numbers", coef->outputs()),
                             std::to_string(intercept.size()));
  }
  return LinearScores(std::move(coef), std::move(intercept));
}

base::Result<Port> LinearScores::emit(Builder& builder, const Port& input) const {
  TRY_ASSIGN(const Port features, builder.finite(input, coef_->features()));
  return of(builder, features);
}

Port LinearScores::of(Builder& builder, const Port& features,
                      std::vector<std::string> names) const {
  // Sparse rows need them so; the other methods then share them.
  if (features.form == Form::Sparse) coef_ = plan::Coefficients::by_feature(coef_);
  return builder.add(std::make_shared<plan::Linear>(features.form, coef_, intercept_), features,
                     Form::Dense, coef_->outputs(), std::move(names));
}

Port linked(Builder& builder, plan::LinkKind kind, const Port& from) {
  auto link = std::make_shared<plan::Link>(kind, from.width);
  const std::size_t width = link->outputs();
  return builder.add(std::move(link), from, Form::Dense, width);
}

Port mapped(Builder& builder, plan::Function function, const Port& from,
            std::vector<std::string> names) {
  return builder.add(std::make_shared<plan::Elementwise>(function, from.width), from, Form::Dense,
                     from.width, std::move(names));
}

}  // namespace sklearn
