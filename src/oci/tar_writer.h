#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "oci/sink.h"
#include "oci/tar_format.h"

namespace oci {

// What an archive says of an entry beside its name. Only the twelve bits of permission of `mode`
// are written.
struct TarAttributes {
  std::uint32_t mode = 0644;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};

// Writes an archive that depends on nothing but the calls: no time, no user's name, no device; the
// order is the caller's. Plain ustar; a pax header only for what does not fit (a long name, one
// beyond ASCII, 8 GiB and more, large user numbers). Names are checked by check_tar_name.
class TarWriter {
 public:
  explicit TarWriter(Sink sink) : sink_(std::move(sink)) {}

  base::Result<void> add_folder(std::string_view name, const TarAttributes& attributes);
  base::Result<void> add_symlink(std::string_view name, std::string_view target,
                                 const TarAttributes& attributes);
  base::Result<void> add_file(std::string_view name, base::Bytes body,
                              const TarAttributes& attributes);

  // A file whose body follows by append(), `size` bytes in all, before anything else is added.
  base::Result<void> begin_file(std::string_view name, std::uint64_t size,
                                const TarAttributes& attributes);
  base::Result<void> append(base::Bytes part);

  // Ends the archive. Refuses while a file's body is not whole.
  base::Result<void> finish();

 private:
  struct Header;
  base::Result<void> write(const Header& header);
  base::Result<void> write_pax(const Header& header);
  base::Result<void> expect_whole() const;
  base::Result<void> pad(std::size_t size);

  Sink sink_;
  std::string name_;         // Of the file whose body is awaited.
  std::uint64_t left_ = 0;   // Bytes of it that are still to come.
  std::size_t padding_ = 0;  // Bytes behind it.
};

}  // namespace oci
