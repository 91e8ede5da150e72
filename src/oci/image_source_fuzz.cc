#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

#include "oci/image_source.h"
#include "oci/reference.h"

// How images are named, in registries and in layouts, and an archive of a layout that somebody
// else wrote: the same bytes as each of them.

namespace {

void check_layout_reference(std::string_view text) {
  const auto reference = oci::LayoutReference::parse(text);
  if (!reference.ok()) return;
  if (!oci::LayoutReference::is_one(text) || reference->path.empty()) std::abort();
  // Nothing is lost, and nothing comes to it.
  const std::string written =
      "oci:" + reference->path + (reference->name.empty() ? "" : ":" + reference->name);
  if (written != text) std::abort();
}

void check_reference(std::string_view text) {
  const auto reference = oci::Reference::parse(text);
  if (!reference.ok()) return;
  if (reference->host.empty() || reference->repository.empty()) std::abort();
  if (reference->manifest().empty()) std::abort();
  // They become parts of a URL.
  for (const std::string& part : {reference->repository, reference->tag}) {
    if (part.find_first_of("?#%\\ \r\n") != std::string::npos) std::abort();
  }
  if (reference->repository.find("..") != std::string::npos) std::abort();
}

void check_archive(std::string_view bytes) {
  const int fd = ::memfd_create("archive", 0);
  if (fd < 0 || ::write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    std::abort();
  }
  const auto source = oci::open_layout_source({.path = "/proc/self/fd/" + std::to_string(fd)});
  if (source.ok()) {
    const auto found = (*source)->fetch_named();
    if (found.ok() && base::Digest::of(found->text) != found->digest) std::abort();
  }
  ::close(fd);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_layout_reference(text);
  check_reference(text);
  check_archive(text);
  return 0;
}
