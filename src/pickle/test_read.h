#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "pickle/document.h"

namespace pickle {

// For tests: a document, or why there is none, with the bytes that it was read from.
struct Read {
  std::string bytes;
  base::Result<Document> document;

  explicit Read(std::string from, const Limits& limits = {})
      : bytes(std::move(from)), document(Document::read(base::as_bytes(bytes), limits)) {}
  bool ok() const { return document.ok(); }
  std::string error() const { return ok() ? "" : document.error().message(); }
  // Without the position.
  std::string reason() const {
    const std::size_t at = error().find(": ");
    return at == std::string::npos ? error() : error().substr(at + 2);
  }
  Value root() const { return document->root(); }
};

}  // namespace pickle
