#pragma once

#include <cstdint>

namespace pickle {

// What one document may cost. Each is checked before the memory is asked for, so a file made to
// explode stops at its ceiling. The defaults are far above the models that people train and far
// below what would trouble the machine of somebody who serves them.
struct Limits {
  // The file as it lies on disk, and what it unpacks to.
  std::uint64_t file_bytes = std::uint64_t{4} << 30U;
  std::uint64_t stream_bytes = std::uint64_t{4} << 30U;
  // How many bytes one packed byte may become, once more than `ratio_free_bytes` were unpacked.
  // Arrays of zeros honestly reach about 1000 with zlib.
  std::uint64_t ratio = 1024;
  std::uint64_t ratio_free_bytes = std::uint64_t{64} << 20U;
  // What a decompressor may hold for itself; an xz header can ask for 4 GiB.
  std::uint64_t codec_bytes = std::uint64_t{256} << 20U;

  // Memory of values: `memory_free_bytes` and `memory_per_byte` for each byte of the stream, at
  // most `memory_bytes`. Arrays and strings are views and cost nothing.
  std::uint64_t memory_bytes = std::uint64_t{4} << 30U;
  std::uint64_t memory_per_byte = 256;
  std::uint64_t memory_free_bytes = std::uint64_t{1} << 20U;

  std::uint64_t nodes = 200'000'000;
  std::uint64_t stack_values = 100'000'000;
  std::uint64_t marks = 1'000'000;
  std::uint64_t memo_entries = 100'000'000;
  std::uint64_t string_bytes = std::uint64_t{2} << 30U;
  std::uint64_t array_bytes = std::uint64_t{4} << 30U;
  // Digits of a decimal integer; the ceiling that CPython itself has.
  std::uint64_t number_digits = 4300;
  // Work that grows neither the input nor the memory: comparing keys that collide or share
  // their parts, reading one shared text again and again. In units of up to 64 bytes.
  std::uint64_t steps = 100'000'000;
  // Arrays that joblib before 0.10 wrote beside the pickle.
  std::uint64_t sibling_files = 10'000;
};

}  // namespace pickle
