#include "cli/serve_limits.h"

#include "auth/random.h"
#include "auth/rate_limit.h"
#include "config/settings.h"

namespace cli {
namespace {

constexpr config::Option kJsonOptions[] = {
    {.name = "json_depth_max",
     .type = config::Type::Int,
     .fallback = "64",
     .min = 8,
     .max = 1000,
     .unit = "levels",
     .sentence = "How deep arrays and objects of a JSON body may be nested."},
};

}  // namespace

std::vector<std::span<const config::Option>> front_limit_tables() {
  return {auth::rate_options(), kJsonOptions};
}

base::Result<void> apply_front_limits(const std::map<std::string, std::string>& flags,
                                      bool behind_proxy, front::Front::Options& options) {
  config::Settings rates(auth::rate_options());
  config::Settings json(kJsonOptions);
  for (config::Settings* const settings : {&rates, &json}) {
    const auto table = settings == &rates ? auth::rate_options() : std::span(kJsonOptions);
    for (const config::Option& option : table) {
      const auto at = flags.find(config::flag_name(option));
      if (at != flags.end()) TRY(settings->set(at->first, at->second));
    }
  }
  options.bodies.json_depth_max = static_cast<std::size_t>(json.integer("json_depth_max"));
  options.throttle.rates = auth::rate_limits(rates);
  if (behind_proxy && !flags.contains("--refused-rate-max")) {
    options.throttle.rates.of_refused_source = {};
  }
  return auth::system_random(std::as_writable_bytes(std::span(options.throttle.secret)));
}

}  // namespace cli
