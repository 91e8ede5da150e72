#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "kube/answer.h"
#include "kube/kubectl_proxy.h"

// The first byte chooses a status; the rest is what an API server, or kubectl, said. What comes of
// it stays on one line and on this machine, and can be written as JSON again.

namespace {

void check_refusal(int status, std::string_view text) {
  const std::string message = kube::refusal("GET /a", status, text).message();
  const bool control = std::any_of(message.begin(), message.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
  });
  if (control || message.size() > 8192) std::abort();
}

void check_page(std::string_view text) {
  auto page = kube::read_object("GET /a", text);
  if (!page.ok()) return;
  static_cast<void>(page->dump());
  std::vector<nlohmann::json> items;
  const auto next = kube::take_page("GET /a", *std::move(page), items);
  if (next.ok() && items.size() > kube::kListMax) std::abort();
  for (const nlohmann::json& each : items) {
    if (!each.at("kind").is_string() || !each.at("apiVersion").is_string()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  check_refusal(400 + data[0], text);
  check_page(text);
  if (const auto url = kube::parse_proxy_line(text); url.ok()) {
    const auto again = net::Url::parse(url->text());
    if (!url->origin.loopback() || !again.ok() || again->text() != url->text()) std::abort();
  }
  return 0;
}
