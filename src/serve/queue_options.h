#pragma once

#include <span>

#include "config/option.h"
#include "config/settings.h"
#include "serve/admission.h"

namespace serve {

// queue_max and queue_time_max.
std::span<const config::Option> queue_options();
AdmissionLimits admission_limits(const config::Settings& settings);  // Of queue_options().

}  // namespace serve
