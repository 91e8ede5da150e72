#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "publish/python.h"
#include "publish/register.h"

namespace publish {

// The answers of the library that made the model, from a process of its own: modules beside the
// model can be imported there, and the model's code runs there and nowhere else. Of many rows or
// pairs only the first are asked, which is said. NotFound: no such Python · Unavailable: it could
// not load the model, with the last line that it said · Deadline, Exhausted: it was ended.
base::Result<Registration::Verdict> verify_with_python(const PythonOptions& options,
                                                       const Source& source,
                                                       const scorer::Scorer& scorer,
                                                       const scorer::Examples& examples);

// What that process wrote, as answers to the first `rows` of the examples. Corrupt where it is
// something else.
base::Result<Registration::Verdict> read_verdict(std::string_view output,
                                                 const scorer::Scorer& scorer, std::size_t rows);

}  // namespace publish
