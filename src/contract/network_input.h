#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "base/result.h"
#include "contract/codec.h"
#include "contract/tensor_elements.h"
#include "contract/tensor_input.h"
#include "contract/tensors.h"

namespace contract {

base::Error bad_element(std::string_view name, std::uint64_t at, std::string_view problem);
// The input of a network that a client means; Invalid, with all names, where there is none.
base::Result<std::size_t> find_network_input(const Tensors& tensors, std::string_view name);
// Takes a tensor as given: Invalid where it is not what the network says of that input.
base::Result<void> end_tensor(Tensors& tensors, std::size_t at);
// After the last: Invalid where an input is missing.
base::Result<void> check_all_given(const Tensors& tensors);

// Fills an Ask's tensors with those of a request, whatever protocol they came in: each is the input
// of its name, in the datatype that the network takes. It has TensorInput's functions, so that a
// codec reads the tensors of either in the same way.
class NetworkInput {
 public:
  struct Target {
    std::size_t input = 0;
  };
  using List = TensorInput::List;

  // `elements_max`: as of TensorInput. Where the last of a list stands for the rest, a tensor may
  // all the same be as large as kRepeatedMax.
  NetworkInput(Ask& ask, std::uint64_t elements_max) : ask_(ask), elements_max_(elements_max) {}
  static constexpr std::uint64_t kRepeatedMax = std::uint64_t{1} << 20U;

  // Whether the tensor is for the network itself. Of pictures, it is one that was prepared.
  bool takes(const TensorHead& head) const;
  bool any() const { return ask_.tensors.any(); }

  base::Result<Target> begin(const TensorHead& head);
  // The elements stay where they are.
  base::Result<void> fill_binary(const TensorHead& head, const Target& target,
                                 std::string_view bytes);
  // A 16-bit float comes as its bits.
  template <typename Values, typename NumberOf>
  base::Result<void> fill_numbers(const TensorHead& head, const Target& target,
                                  const Values& values, const List& list,
                                  const NumberOf& /*number_of*/) {
    return for_datatype(head.datatype, [&]<data::Datatype kType>() {
      return fill_typed<kType>(head, target, values, list);
    });
  }
  template <typename Values>
  base::Result<void> fill_texts(const TensorHead& head, const Target& target, const Values& values,
                                const List& list) {
    TRY(TensorInput::check_count(head, static_cast<std::uint64_t>(values.size()), list));
    const std::uint64_t elements = head.elements();
    auto& texts = ask_.tensors[target.input].texts;
    texts.reserve(elements);
    for (std::uint64_t at = 0; at < elements; ++at) {
      texts.emplace_back(values.Get(TensorInput::element_of(at, values.size())));
    }
    return end_tensor(ask_.tensors, target.input);
  }
  base::Result<void> finish() { return check_all_given(ask_.tensors); }

 private:
  template <data::Datatype kType, typename Values>
  base::Result<void> fill_typed(const TensorHead& head, const Target& target, const Values& values,
                                const List& list) {
    using Value = std::decay_t<decltype(values.Get(0))>;
    constexpr bool kBits = std::is_integral_v<Value> &&
                           (kType == data::Datatype::Fp16 || kType == data::Datatype::Bf16);
    TRY(TensorInput::check_count(head, static_cast<std::uint64_t>(values.size()), list));
    const std::uint64_t elements = head.elements();
    const std::size_t step = data::datatype_bytes(kType);
    Tensors::Tensor& tensor = ask_.tensors[target.input];
    tensor.owned.resize(static_cast<std::size_t>(elements) * step);
    char* to = tensor.owned.data();
    for (std::uint64_t at = 0; at < elements; ++at, to += step) {
      const Value value = values.Get(TensorInput::element_of(at, values.size()));
      bool stored = false;
      if constexpr (kBits) {
        stored = store_number<data::Datatype::Uint16>(value, to);
      } else {
        stored = store_number<kType>(value, to);
      }
      if (!stored) return out_of_range(head, at, static_cast<double>(value));
    }
    tensor.bytes = tensor.owned;
    return end_numbers(head, target);
  }
  base::Result<void> end_numbers(const TensorHead& head, const Target& target);
  static base::Error out_of_range(const TensorHead& head, std::uint64_t at, double number);

  Ask& ask_;
  std::uint64_t elements_max_;
};

// Where the tensors of a request go: to the network, or to the columns of what is no network.
class AnyInput {
 public:
  AnyInput(Ask& ask, std::uint64_t elements_max)
      : ask_(ask), rows_(ask, elements_max), network_(ask, elements_max) {}

  // Calls `fill` with whichever takes the tensor.
  template <typename Fill>
  base::Result<void> take(const TensorHead& head, const Fill& fill) {
    return network_.takes(head) ? fill(network_) : fill(rows_);
  }
  base::Result<void> finish();

 private:
  Ask& ask_;
  TensorInput rows_;
  NetworkInput network_;
};

}  // namespace contract
