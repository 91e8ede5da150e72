// A model file from its first byte to its answers: what is accepted must be safe to score. Besides
// bytes, the values of a pickle are changed, so that readers meet whole models that are wrong.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <string>
#include <string_view>

#include "sklearn/test_mutation.h"
#include "sklearn/test_scoring.h"

extern "C" {

std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t size_max);

// Two of three inputs get other values, the third other bytes.
std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t size_max,
                                    unsigned seed) {
  if (seed % 3 == 0) return LLVMFuzzerMutate(data, size, size_max);
  std::mt19937 random(seed);
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string made =
      sklearn::test_mutant::mutated_values(bytes, random, sklearn::test_scoring::small_limits());
  if (made.size() > size_max || made == bytes) return LLVMFuzzerMutate(data, size, size_max);
  std::memcpy(data, made.data(), made.size());
  return made.size();
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sklearn::test_scoring::score(std::as_bytes(std::span(data, size)));
  return 0;
}
}
