#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/world.h"
#include "table/source.h"

namespace cli {

// An open file, pipe or terminal, read front to back. `name` is what messages call it.
class DescriptorSource final : public table::Source {
 public:
  // Borrows the descriptor.
  DescriptorSource(int fd, std::string name) : fd_(fd), owned_(false), name_(std::move(name)) {}
  static base::Result<std::unique_ptr<DescriptorSource>> open(const std::string& path);
  ~DescriptorSource() override;

  base::Result<std::size_t> read(std::span<char> into) override;

 private:
  DescriptorSource(int fd, std::string name, bool owned)
      : fd_(fd), owned_(owned), name_(std::move(name)) {}

  int fd_;
  bool owned_;
  std::string name_;
};

// Writes to a descriptor that somebody else closes.
class DescriptorSink final : public Sink {
 public:
  DescriptorSink(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
  base::Result<void> write(std::string_view text) override;

 private:
  int fd_;
  std::string name_;
};

// What a command leaves behind in one piece.
class Product {
 public:
  Product() = default;
  Product(const Product&) = delete;
  Product& operator=(const Product&) = delete;
  virtual ~Product() = default;

  virtual base::Result<void> append(std::string_view text) = 0;
  // After this, and not before, it is there.
  virtual base::Result<void> commit() = 0;
};

// The file at `path`, which is there whole or not at all. What is there already and is no regular
// file (a pipe, /dev/null) is written to as it is. "-" is `out`.
base::Result<std::unique_ptr<Product>> open_product(const std::string& path, Sink& out);

}  // namespace cli
