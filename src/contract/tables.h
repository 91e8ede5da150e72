#pragma once

#include "base/result.h"
#include "contract/codec.h"

namespace contract {

// Bodies that are tables, which several protocols take: CSV, with or without a line of names, and
// JSON lines. Reads the body into the ask where its media type says that it is one, and says
// whether.
base::Result<bool> read_table(const Incoming& in, Reader& reader);

// Writes the answer as CSV, with a line of names where one is wanted, or as JSON lines where
// `accept` asks for it, and says whether.
bool write_table(std::string_view accept, bool names, const Ask& ask, const Answers& answers,
                 Outgoing& out);

}  // namespace contract
