#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>

#include "base/files.h"
#include "base/result.h"
#include "pickle/container.h"
#include "pickle/machine.h"

namespace pickle {

// Bytes that came from files beside the pickle, kept as long as the document.
struct Siblings {
  std::deque<base::HeldBytes> files;
  std::deque<Buffer> unpacked;
};

// joblib's arrays, which lie outside the opcodes:
//   NumpyArrayWrapper  since 0.10. {shape, order, dtype, numpy_array_alignment_bytes}, and behind
//                      its BUILD the elements: since 1.2 a count and as many bytes 0xff before
//                      them; for 'O' a whole pickle of the array, with a memo of its own
//   NDArrayWrapper     before. {filename}: an .npy file beside the pickle
//   ZNDArrayWrapper    the same compressed: {filename, state} and a "ZF" file of the elements
// Files beside the pickle are read only where they are given, by a plain name.
class JoblibArrays final : public BuildHook {
 public:
  // All must outlive this. Where `beside` is null, arrays in other files are refused.
  JoblibArrays(Heap& heap, Siblings& siblings, const base::Files* beside);

  base::Result<void> built(Node& record, Stream& stream) override;

 private:
  base::Result<void> read_inline(Node& record, Stream& stream);
  base::Result<void> read_npy_file(Node& record);
  base::Result<void> read_packed_file(Node& record);
  base::Result<base::Bytes> load(const std::string& name);

  Heap& heap_;
  Siblings& siblings_;
  const base::Files* beside_;
  std::uint64_t bytes_left_;
  std::unordered_map<std::string, const Node*> loaded_;
};

}  // namespace pickle
