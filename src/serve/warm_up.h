#pragma once

#include "serve/deployment.h"

namespace serve {

// Scores the deployment's example, so that the first request finds warm what the next ones do: the
// memory of a session, and the pages of the model; and keeps what it answers, for documents. An
// example that the model refuses has warmed what it reached.
void warm_up(const Deployment& deployment);

}  // namespace serve
