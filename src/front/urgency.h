#pragma once

#include "net/request.h"
#include "serve/admission.h"

namespace front {

// How urgent a request says it is, by the Extensible Priorities of HTTP (RFC 9218):
// `Priority: u=5`, of 0 to 7, where less is more urgent and 3 is what counts without it. From 5 on
// it is Low. Only who wants to wait says so: nobody gets ahead of others by it. What cannot be read
// is passed over, as the RFC wants it.
serve::Priority priority_of(const net::RequestHead& head);

}  // namespace front
