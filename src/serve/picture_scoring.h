#pragma once

#include "base/result.h"
#include "scorer/image_scorer.h"
#include "serve/deployment.h"

namespace serve {

// The pictures of one request, as many at once as are best computed together (Network::rows_max).
// Between runs it is seen whether the request has ended meanwhile.

// Computes session.answers of the encoded pictures of session.ask. Of several a broken one need not
// be the others' end.
base::Result<void> score_pictures(const scorer::ImageScorer& image, Session& session,
                                  const Ended& ended);

// The same of pictures that the client prepared, behind each other in one tensor.
base::Result<void> score_prepared_pictures(const scorer::ImageScorer& image, Session& session,
                                           const Ended& ended);

}  // namespace serve
