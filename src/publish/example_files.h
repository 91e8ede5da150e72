#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "scorer/golden.h"
#include "scorer/scorer.h"

namespace publish {

// How many files of examples there may be, and how large they may be together.
inline constexpr std::size_t kExampleFilesMax = 1000;
inline constexpr std::uint64_t kExampleBytesMax = std::uint64_t{1} << 30U;

// The files that the paths name: of a folder those whose names end as an example's of this model
// does, in the order of their names. NotFound where a folder has none.
base::Result<std::vector<std::string>> find_example_files(const std::vector<std::string>& paths,
                                                          const scorer::Scorer& scorer);

// The examples in all of those files, one after another. One file of tensors is one request.
base::Result<scorer::Examples> open_examples(const std::vector<std::string>& paths,
                                             const scorer::Scorer& scorer);

// The columns of the first of those files, where it is one of rows, and they are read: for a model
// that takes as many as come.
std::vector<std::string> find_example_columns(const std::vector<std::string>& paths);

// What the original answers to the requests of a network of tensors: a file, or a folder's file,
// for each, holding arrays called as the outputs; some may be missing.
base::Result<std::vector<scorer::TensorAnswer>> open_tensor_answers(
    const std::vector<std::string>& paths, const engine::Network& network);

}  // namespace publish
