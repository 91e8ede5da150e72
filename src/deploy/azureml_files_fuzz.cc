#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "deploy/azureml_files.h"

// An endpoint file and a deployment file, a zero byte between them; what is accepted is a spec that
// endpoint.yaml can say.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = std::min(text.find('\0'), size);
  const std::array<deploy::NamedText, 2> files = {
      {{"endpoint.yml", std::string(text.substr(0, cut))},
       {"deployment.yml", std::string(text.substr(std::min(cut + 1, size)))}}};
  const auto endpoint = deploy::parse_azureml(files);
  if (!endpoint.ok()) return 0;
  const auto again = deploy::parse_endpoint("again", deploy::to_json(endpoint->spec).dump());
  if (!again.ok() && size < 4096) std::abort();
  if (again.ok() && *again != endpoint->spec) std::abort();
  return 0;
}
