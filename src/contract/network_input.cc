#include "contract/network_input.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/text.h"

namespace contract {
namespace {

using base::Code;
using base::Error;
using data::Datatype;
using engine::TensorSpec;

// What a picture's tensor may be called, whatever the network calls it.
constexpr std::string_view kPicture = "image";

bool has_form(const TensorSpec& spec, const Tensors::Tensor& tensor) {
  if (spec.type != tensor.type) return false;
  return spec.any_rank || std::equal(spec.shape.begin(), spec.shape.end(), tensor.shape.begin(),
                                     tensor.shape.end(), [](std::int64_t wanted, std::int64_t got) {
                                       return wanted == engine::kAnyExtent || wanted == got;
                                     });
}

}  // namespace

Error bad_element(std::string_view name, std::uint64_t at, std::string_view problem) {
  return bad_tensor(name, fmt::format("element {}: {}", at, problem));
}

base::Result<std::size_t> find_network_input(const Tensors& tensors, std::string_view name) {
  const auto specs = tensors.specs();
  const auto at = std::find_if(specs.begin(), specs.end(),
                               [&](const TensorSpec& each) { return each.name == name; });
  if (at != specs.end()) return static_cast<std::size_t>(at - specs.begin());
  std::vector<std::string> names;
  for (const TensorSpec& each : specs) names.push_back(base::quote(each.name));
  return Error(Code::Invalid, fmt::format("\"inputs\": expected {}, got {}",
                                          fmt::join(names, " or "), base::quote(name)));
}

base::Result<void> end_tensor(Tensors& tensors, std::size_t at) {
  return engine::check_input(tensors.specs()[at], tensors[at].view());
}

base::Result<void> check_all_given(const Tensors& tensors) {
  for (std::size_t i = 0; i < tensors.specs().size(); ++i) {
    if (!tensors[i].given) {
      return bad_tensor(
          tensors.specs()[i].name,
          fmt::format("expected {}, got none", engine::tensor_form(tensors.specs()[i])));
    }
  }
  return {};
}

bool NetworkInput::takes(const TensorHead& head) const {
  if (!ask_.offer.is_image()) return ask_.offer.is_tensors();
  return head.datatype != Datatype::Bytes &&
         (head.name == kPicture || head.name == ask_.tensors.specs().front().name);
}

base::Result<NetworkInput::Target> NetworkInput::begin(const TensorHead& head) {
  std::size_t at = 0;
  if (!ask_.offer.is_image()) {
    TRY_ASSIGN(at, find_network_input(ask_.tensors, head.name));
  }
  Tensors::Tensor& tensor = ask_.tensors[at];
  if (tensor.given) return bad_tensor(head.name, "expected it once, got it twice");
  tensor.given = true;
  tensor.type = head.datatype;
  for (const std::uint64_t extent : head.shape()) {
    constexpr auto kExtentMax =
        static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    tensor.shape.push_back(static_cast<std::int64_t>(std::min(extent, kExtentMax)));
  }
  // Where the form is another, that is what is wrong, whatever the data.
  if (!has_form(ask_.tensors.specs()[at], tensor)) TRY(end_tensor(ask_.tensors, at));
  // Where one extent is 0, the others count all the same: an answer may have an array for each.
  TensorHead extents;
  for (const std::uint64_t extent : head.shape()) {
    if (extent > 0) TRY(extents.add_extent(extent));
  }
  if (extents.elements() > std::max(elements_max_, kRepeatedMax)) {
    return bad_tensor(head.name, fmt::format("expected no more elements than the body has room "
                                             "for, got [{}] in \"shape\"",
                                             fmt::join(head.shape(), ",")));
  }
  return Target{.input = at};
}

Error NetworkInput::out_of_range(const TensorHead& head, std::uint64_t at, double number) {
  return bad_element(
      head.name, at,
      fmt::format("expected {}, got {}", data::datatype_name(head.datatype), number));
}

base::Result<void> NetworkInput::end_numbers(const TensorHead& head, const Target& target) {
  const std::string_view bytes = ask_.tensors[target.input].bytes;
  // Of a picture that is no number there are no probabilities.
  const bool finite = ask_.offer.is_image() || !ask_.offer.numbers().accept_nan;
  if (finite && !data::all_finite(head.datatype, bytes)) {
    const std::size_t step = data::datatype_bytes(head.datatype);
    for (std::size_t at = 0; at < bytes.size() / step; ++at) {
      const double number = data::read_number(head.datatype, bytes.data() + at * step);
      if (std::isfinite(number)) continue;
      return bad_element(head.name, at, fmt::format("expected a finite number, got {}", number));
    }
  }
  return end_tensor(ask_.tensors, target.input);
}

base::Result<void> NetworkInput::fill_binary(const TensorHead& head, const Target& target,
                                             std::string_view bytes) {
  Tensors::Tensor& tensor = ask_.tensors[target.input];
  if (head.datatype != Datatype::Bytes) {
    TRY(check_binary_size(head, bytes));
    tensor.bytes = bytes;
    return end_numbers(head, target);
  }
  const std::uint64_t elements = head.elements();
  for (std::uint64_t at = 0; at < elements; ++at) {
    TRY_ASSIGN(const std::string_view text, take_binary_text(head, at, bytes));
    tensor.texts.push_back(text);
  }
  TRY(check_no_more(head, bytes));
  return end_tensor(ask_.tensors, target.input);
}

base::Result<void> AnyInput::finish() {
  if (!ask_.offer.is_tensors() && !network_.any()) return rows_.finish();
  if (ask_.frame.rows() > 0) {
    return Error(Code::Invalid, "\"inputs\": expected pictures or one that is prepared, got both");
  }
  return network_.finish();
}

}  // namespace contract
