#include "contract/tensor_input.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/text.h"
#include "table/columns.h"

namespace contract {
namespace {

using base::Code;
using base::Error;
using data::ColumnType;
using data::Datatype;

// [n] or [n, 1]
std::optional<std::uint64_t> rows_of_column(const TensorHead& head) {
  if (head.rank == 1 || (head.rank == 2 && head.extents[1] == 1)) return head.extents[0];
  return std::nullopt;
}

std::size_t used_columns(const data::Signature& signature) {
  return static_cast<std::size_t>(
      std::count_if(signature.columns.begin(), signature.columns.end(),
                    [](const data::Column& column) { return column.used; }));
}

}  // namespace

std::uint64_t TensorHead::elements() const {
  std::uint64_t product = 1;
  for (const std::uint64_t extent : shape()) {
    if (__builtin_mul_overflow(product, extent, &product)) return UINT64_MAX;
  }
  return product;
}

base::Result<void> TensorHead::add_extent(std::uint64_t extent) {
  if (rank == kRankMax) {
    return Error(Code::Invalid, fmt::format("\"shape\": expected at most {} dimensions", kRankMax));
  }
  extents[rank++] = extent;
  return {};
}

Error bad_tensor(std::string_view name, std::string_view problem) {
  return {Code::Invalid, fmt::format("input {}: {}", base::quote(name), problem)};
}

base::Result<void> TensorInput::check_type(const TensorHead& head, ColumnType expected) const {
  const bool text = expected == ColumnType::Text;
  if (text == (head.datatype == Datatype::Bytes)) return {};
  return bad_tensor(head.name,
                    fmt::format("expected {}, got {}", text ? "BYTES" : "a datatype of numbers",
                                data::datatype_name(head.datatype)));
}

base::Result<TensorInput::Target> TensorInput::begin(const TensorHead& head) {
  const data::Signature& signature = ask_.offer.inputs();
  const auto column = signature.find(head.name);
  if (!column) {
    if (!rows_ && ask_.offer.is_matrix() && (head.rank == 2 || signature.columns.size() == 1)) {
      return begin_matrix(head);
    }
    return table::unknown_column(head.name, signature).within("\"inputs\"");
  }
  if (seen_[*column]) return bad_tensor(head.name, "expected it once, got it twice");
  seen_[*column] = true;
  if (!signature.columns[*column].used) return begin_unread(head, *column);
  TRY(check_type(head, signature.columns[*column].type));
  const auto rows = rows_of_column(head);
  if (!rows) return bad_tensor(head.name, "expected \"shape\" [n] or [n, 1]");
  TRY(set_rows(head, *rows));
  return Target{.column = *column};
}

// Of any type; where it says how many rows there are, as many as the others.
base::Result<TensorInput::Target> TensorInput::begin_unread(const TensorHead& head,
                                                            std::size_t column) {
  if (const auto rows = rows_of_column(head)) TRY(set_rows(head, *rows));
  return Target{.column = column, .unread = true};
}

base::Result<TensorInput::Target> TensorInput::begin_matrix(const TensorHead& head) {
  const data::Signature& signature = ask_.offer.inputs();
  const std::size_t width = signature.columns.size();
  TRY(check_type(head, signature.columns.front().type));
  const bool fits = head.rank == 2 ? head.extents[1] == width : head.rank == 1;
  if (!fits) {
    return bad_tensor(head.name, fmt::format("expected \"shape\" [n, {}], got [{}]", width,
                                             fmt::join(head.shape(), ", ")));
  }
  TRY(set_rows(head, head.extents[0]));
  std::fill(seen_.begin(), seen_.end(), true);
  return Target{.column = 0, .width = width};
}

base::Result<void> TensorInput::set_rows(const TensorHead& head, std::uint64_t rows) {
  if (rows_ && *rows_ != rows) {
    return bad_tensor(head.name,
                      fmt::format("expected {} rows as the inputs before, got {}", *rows_, rows));
  }
  if (rows_) return {};
  const std::uint64_t columns = std::max<std::size_t>(1, used_columns(ask_.offer.inputs()));
  if (rows > elements_max_ / columns) {
    return bad_tensor(head.name, fmt::format("expected no more rows than the body has room for, "
                                             "got {} in \"shape\"",
                                             rows));
  }
  ask_.frame.set_rows(static_cast<std::size_t>(rows));
  rows_ = rows;
  return {};
}

void TensorInput::make_room(const Target& target) {
  for (std::size_t c = 0; c < target.width; ++c) ask_.frame.make_column(target.column + c);
}

Error TensorInput::not_finite(const TensorHead& head, std::uint64_t at, double number) {
  return bad_tensor(head.name,
                    fmt::format("element {}: expected a finite number, got {}", at, number));
}

base::Result<void> TensorInput::check_numbers(const TensorHead& head,
                                              std::string_view bytes) const {
  if (ask_.offer.numbers().accept_nan || data::all_finite(head.datatype, bytes)) return {};
  const std::size_t step = data::datatype_bytes(head.datatype);
  for (std::size_t at = 0; at < bytes.size() / step; ++at) {
    TRY(check_number(head, at, data::read_number(head.datatype, bytes.data() + at * step)));
  }
  return {};
}

base::Result<void> TensorInput::check_count(const TensorHead& head, std::uint64_t given,
                                            const List& list) {
  const std::uint64_t expected = head.elements();
  if (given == expected) return {};
  if (list.repeats_last && given > 0 && given < expected) return {};
  return bad_tensor(head.name, fmt::format("{}expected {} elements as {} says, got {}", list.name,
                                           expected, list.shape, given));
}

base::Result<void> TensorInput::set_text(const TensorHead& head, const Cell& cell, std::uint64_t at,
                                         std::string_view text) {
  const bool binary = ask_.offer.inputs().columns[cell.column()].binary;
  if (const auto bad = binary ? std::nullopt : base::find_invalid_utf8(text)) {
    return bad_tensor(head.name,
                      fmt::format("element {}: expected UTF-8, got another byte at {}", at, *bad));
  }
  ask_.frame.set_text(cell.row(), cell.column(), text);
  return {};
}

base::Result<void> check_binary_size(const TensorHead& head, std::string_view bytes) {
  const std::size_t step = data::datatype_bytes(head.datatype);
  const std::uint64_t elements = head.elements();
  if (bytes.size() % step == 0 && bytes.size() / step == elements) return {};
  return bad_tensor(head.name,
                    fmt::format("expected {} elements of {} bytes as \"shape\" and \"datatype\" "
                                "say, got {} bytes",
                                elements, step, bytes.size()));
}

base::Result<std::string_view> take_binary_text(const TensorHead& head, std::uint64_t at,
                                                std::string_view& bytes) {
  std::uint32_t size = 0;
  if (bytes.size() < sizeof(size)) {
    return bad_tensor(head.name, fmt::format("expected {} elements as \"shape\" says, got {}",
                                             head.elements(), at));
  }
  std::memcpy(&size, bytes.data(), sizeof(size));
  bytes.remove_prefix(sizeof(size));
  if (bytes.size() < size) {
    return bad_tensor(head.name,
                      fmt::format("element {}: expected {} bytes, got {}", at, size, bytes.size()));
  }
  const std::string_view text = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return text;
}

base::Result<void> check_no_more(const TensorHead& head, std::string_view bytes) {
  if (bytes.empty()) return {};
  return bad_tensor(head.name, fmt::format("expected {} elements as \"shape\" says, got {} bytes "
                                           "behind them",
                                           head.elements(), bytes.size()));
}

base::Result<void> TensorInput::fill_binary_texts(const TensorHead& head, const Target& target,
                                                  std::string_view bytes) {
  make_room(target);
  const std::uint64_t elements = head.elements();
  Cell cell(target);
  for (std::uint64_t i = 0; i < elements; ++i, ++cell) {
    TRY_ASSIGN(const std::string_view text, take_binary_text(head, i, bytes));
    TRY(set_text(head, cell, i, text));
  }
  return check_no_more(head, bytes);
}

base::Result<void> TensorInput::fill_binary(const TensorHead& head, const Target& target,
                                            std::string_view bytes) {
  if (target.unread) return {};
  if (head.datatype == Datatype::Bytes) return fill_binary_texts(head, target, bytes);
  TRY(check_binary_size(head, bytes));
  TRY(check_numbers(head, bytes));
  // Of no rows there is nothing to borrow.
  if (head.elements() == 0) return {};
  const std::size_t step = data::datatype_bytes(head.datatype);
  for (std::size_t c = 0; c < target.width; ++c) {
    ask_.frame.borrow_numbers(target.column + c, head.datatype, bytes.data() + c * step,
                              step * target.width);
  }
  return {};
}

base::Result<void> TensorInput::finish() {
  for (std::size_t c = 0; c < seen_.size(); ++c) {
    const data::Column& column = ask_.offer.inputs().columns[c];
    if (column.required() && !seen_[c])
      return bad_tensor(column.name, "expected this column, got none");
    ask_.frame.make_column(c);
  }
  if (ask_.frame.rows() == 0) return Error(Code::Invalid, "\"inputs\": expected at least one row");
  return {};
}

}  // namespace contract
