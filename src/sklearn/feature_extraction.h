#pragma once

#include <memory>

#include "sklearn/estimators.h"

namespace sklearn {

// sklearn.feature_extraction.text
base::Result<std::unique_ptr<Estimator>> read_count_vectorizer(const Object&, Reader&);
base::Result<std::unique_ptr<Estimator>> read_hashing_vectorizer(const Object&, Reader&);
base::Result<std::unique_ptr<Estimator>> read_tfidf_transformer(const Object&, Reader&);
base::Result<std::unique_ptr<Estimator>> read_tfidf_vectorizer(const Object&, Reader&);

}  // namespace sklearn
