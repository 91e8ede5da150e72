#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace image {

// Which files the dynamic loader knows for a name ("libz.so.1"), in its order: those of other
// machines among them, those for particular processors not.
using LdCache = std::map<std::string, std::vector<std::string>, std::less<>>;

// Reads /etc/ld.so.cache as glibc 2.32 and later writes it. Every offset is checked.
base::Result<LdCache> parse_ld_cache(base::Bytes file);

}  // namespace image
