#include "auth/json_document.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace auth {
namespace {

using Json = nlohmann::json;

// Notices while it is read what the tree does not keep.
class Watch {
 public:
  explicit Watch(int depth_max) : depth_max_(depth_max) {}

  // False: what begins here is not kept.
  bool see(int depth, Json::parse_event_t event, const Json& value) {
    using Event = Json::parse_event_t;
    if (event == Event::object_start || event == Event::array_start) {
      too_deep_ = too_deep_ || depth >= depth_max_;
      if (event == Event::object_start) names_.emplace_back();
      return !too_deep_;
    }
    if (event == Event::object_end && !names_.empty()) names_.pop_back();
    if (event == Event::key && !names_.empty() && repeated_.empty()) {
      const auto& name = value.get_ref<const std::string&>();
      if (!names_.back().insert(name).second) repeated_ = base::quote(name);
    }
    return true;
  }

  bool too_deep() const { return too_deep_; }
  const std::string& repeated() const { return repeated_; }  // Quoted; empty: none is.

 private:
  const int depth_max_;
  bool too_deep_ = false;
  std::vector<std::set<std::string, std::less<>>> names_;
  std::string repeated_;
};

}  // namespace

base::Result<Json> read_document(std::string_view text, std::string_view what, int depth_max) {
  const auto expected = [&](const std::string& this_one) {
    return base::Error(base::Code::Invalid, fmt::format("{}: expected {}", what, this_one));
  };
  Watch watch(depth_max);
  Json document = Json::parse(
      text,
      [&watch](int depth, Json::parse_event_t event, Json& value) {
        return watch.see(depth, event, value);
      },
      false);
  if (watch.too_deep()) return expected(fmt::format("at most {} levels", depth_max));
  if (!watch.repeated().empty()) {
    return expected(fmt::format("each name once, got {} twice", watch.repeated()));
  }
  const bool marked = text.starts_with("\xEF\xBB\xBF");
  if (marked || document.is_discarded() || !document.is_object()) return expected("a JSON object");
  return document;
}

}  // namespace auth
