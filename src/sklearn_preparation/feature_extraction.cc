#include "sklearn_preparation/feature_extraction.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "pickle/sparse.h"
#include "plan_cells/text.h"

namespace sklearn {
namespace {

using pickle::Value;
using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;
using plan::Vectorize;

class Vectorizer final : public Estimator {
 public:
  explicit Vectorizer(Vectorize::Fitted fitted, std::vector<std::string> terms = {})
      : fitted_(std::make_shared<const Vectorize::Fitted>(std::move(fitted))),
        terms_(std::move(terms)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port port, builder.text(input));
    const std::string name = port.names.empty() ? "" : port.names.front();
    auto step = std::make_shared<Vectorize>(fitted_, name);
    const std::size_t width = step->features();
    return builder.add(std::move(step), port, Form::Sparse, width, terms_);
  }

  std::shared_ptr<const Vectorize::Fitted> fitted_;
  std::vector<std::string> terms_;  // By column; empty where they are too many.
};

class TfidfTransformer final : public Estimator {
 public:
  explicit TfidfTransformer(text::TfidfWeights weights) : weights_(std::move(weights)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    const std::optional<std::size_t> width =
        weights_.idf.empty() ? std::nullopt : std::optional(weights_.idf.size());
    TRY_ASSIGN(Port port, builder.numeric(input, width));
    TRY_ASSIGN(port, builder.sparse(port));
    return builder.add(std::make_shared<plan::WeighTerms>(weights_, port.width), port, Form::Sparse,
                       port.width, port.names);
  }

  text::TfidfWeights weights_;
};

base::Result<text::Norm> read_norm(const Object& object) {
  TRY_ASSIGN(const std::string norm, object.text_or("norm", ""));
  if (norm.empty()) return text::Norm::None;
  if (norm == "l1") return text::Norm::L1;
  if (norm == "l2") return text::Norm::L2;
  return object.unsupported("norm", "\"l1\", \"l2\" or None", norm);
}

base::Result<std::vector<std::string>> read_stop_words(const Object& object) {
  const auto value = object.find("stop_words");
  if (!value) return std::vector<std::string>();
  if (const auto name = value->as_string()) {
    if (*name == "english") return text::english_stop_words();
    return object.unsupported("stop_words", "\"english\" or a list", std::string(*name));
  }
  if (!value->is(pickle::Kind::Set)) return object.texts("stop_words");
  std::vector<std::string> words;
  for (const Value item : value->items()) {
    const auto word = item.as_string();
    if (!word) return object.unexpected("stop_words", "texts", item);
    words.emplace_back(*word);
  }
  return words;
}

base::Result<void> read_strip_accents(const Object& object, text::AnalyzerOptions& options) {
  const auto value = object.find("strip_accents");
  if (!value) return {};
  const auto name = value->as_string();
  if (name == "ascii") {
    options.strip_accents = text::StripAccents::Ascii;
  } else if (name == "unicode") {
    options.strip_accents = object.release() < Release{0, 22}
                                ? text::StripAccents::UnicodeUnlessNfkd
                                : text::StripAccents::Unicode;
  } else {
    return object.unsupported("strip_accents", "\"ascii\", \"unicode\" or None", describe(*value));
  }
  return {};
}

base::Result<text::AnalyzerKind> read_kind(const Object& object) {
  TRY_ASSIGN(const Value value, object.get("analyzer"));
  const auto name = value.as_string();
  if (name == "word") return text::AnalyzerKind::Word;
  if (name == "char") return text::AnalyzerKind::Char;
  if (name == "char_wb") return text::AnalyzerKind::CharWb;
  return object.unsupported("analyzer", "\"word\", \"char\" or \"char_wb\"", describe(value));
}

// sklearn2pmml's tokenizers, which are an expression: Matcher finds the words, Splitter what lies
// between them. Their state is the text of the expression.
base::Result<void> read_tokenizer(const Object& object, text::AnalyzerOptions& options) {
  const auto value = object.find("tokenizer");
  if (!value) return {};
  const pickle::Record* record = value->record();
  const bool known =
      record != nullptr && record->module() == "sklearn2pmml.feature_extraction.text";
  const bool splits = known && record->name() == "Splitter";
  if (!splits && !(known && record->name() == "Matcher")) {
    return object.unsupported("tokenizer", "None", describe(*value));
  }
  options.split = splits;
  options.token_pattern = splits ? "\\s+" : "\\w+";
  const auto named = value->find(splits ? "word_separator_re" : "word_re");
  const auto state = named ? named : record->state;
  if (state && state->as_string()) options.token_pattern = *state->as_string();
  // Groups would be what is found; and who may match nothing gives tokens that are none.
  const bool plain = options.token_pattern.find_first_of("(*?|{") == std::string::npos;
  if (plain && !options.token_pattern.empty()) return {};
  return object.unsupported("tokenizer", "an expression without groups and repetitions of none",
                            options.token_pattern);
}

// A vectoriser of float32 rounds every step to that. (Counts are exact in either.)
text::Precision read_precision(const Object& object) {
  const auto dtype = object.find("dtype");
  const bool single = dtype && (dtype->name() == "float32" || dtype->as_string() == "float32");
  return single ? text::Precision::Float32 : text::Precision::Float64;
}

base::Result<text::Analyzer> read_analyzer(const Object& object, const Reader& reader) {
  if (const auto value = object.find("preprocessor")) {
    return object.unsupported("preprocessor", "None", describe(*value));
  }
  TRY_ASSIGN(const std::string input, object.text_or("input", "content"));
  if (input != "content") return object.unsupported("input", "\"content\"", input);
  text::AnalyzerOptions options;
  options.python = reader.options().python;
  TRY_ASSIGN(options.analyzer, read_kind(object));
  TRY_ASSIGN(options.lowercase, object.flag("lowercase"));
  TRY(read_strip_accents(object, options));
  TRY_ASSIGN(const auto range, object.integers("ngram_range"));
  if (range.size() != 2 || range[0] < 1 || range[1] < range[0] || range[1] > 1000) {
    return object.unexpected("ngram_range", "(least, most) from 1 to 1000",
                             fmt::format("({})", fmt::join(range, ", ")));
  }
  options.ngram_min = static_cast<std::size_t>(range[0]);
  options.ngram_max = static_cast<std::size_t>(range[1]);
  TRY_ASSIGN(options.token_pattern, object.text_or("token_pattern", options.token_pattern));
  TRY(read_tokenizer(object, options));
  TRY_ASSIGN(options.stop_words, read_stop_words(object));
  auto analyzer = text::Analyzer::make(std::move(options));
  if (!analyzer.ok()) return std::move(analyzer).error().within(object.title());
  return analyzer;
}

base::Result<text::Vocabulary> read_vocabulary(const Object& object) {
  TRY_ASSIGN(const Value value, object.get("vocabulary_"));
  if (!value.is(pickle::Kind::Dict)) return object.unexpected("vocabulary_", "a dict", value);
  std::vector<text::Vocabulary::Entry> entries;
  entries.reserve(value.entries().size());
  for (const pickle::Entry& entry : value.entries()) {
    const auto term = entry.key.as_string();
    const auto column = entry.value.as_int();
    if (!term) return object.unexpected("vocabulary_", "texts as keys", entry.key);
    if (!column || *column < 0 || *column > 0x7FFFFFFF) {
      return object.unexpected("vocabulary_", "columns as values", entry.value);
    }
    entries.emplace_back(*term, static_cast<std::uint32_t>(*column));
  }
  auto vocabulary = text::Vocabulary::make(entries);
  if (!vocabulary.ok()) return std::move(vocabulary).error().within(object.title());
  return vocabulary;
}

// The terms by column, which are the names of the features; none past what is named.
std::vector<std::string> read_terms(const Object& object) {
  const auto vocabulary = object.find("vocabulary_");
  if (!vocabulary || vocabulary->entries().size() > plan::kNamedFeaturesMax) return {};
  std::vector<std::string> terms(vocabulary->entries().size());
  for (const pickle::Entry& entry : vocabulary->entries()) {
    const auto term = entry.key.as_string();
    const auto column = entry.value.as_int();
    if (!term || !column || *column < 0) return {};
    if (static_cast<std::size_t>(*column) >= terms.size()) return {};
    terms[static_cast<std::size_t>(*column)] = std::string(*term);
  }
  return terms;
}

// idf_ is an array from 1.5 on and was the diagonal of a sparse matrix before.
base::Result<std::vector<double>> read_idf(const Object& object) {
  if (object.has("idf_")) return object.doubles("idf_");
  TRY_ASSIGN(const Value value, object.get("_idf_diag"));
  auto matrix = pickle::as_csr(value);
  if (!matrix.ok()) return std::move(matrix).error().within(object.title());
  if (matrix->rows != matrix->columns) {
    return object.unexpected("_idf_diag", "a diagonal matrix", value);
  }
  std::vector<double> idf(matrix->columns, 0.0);
  for (std::size_t row = 0; row < matrix->rows; ++row) {
    const auto begin = static_cast<std::size_t>(matrix->indptr[row]);
    const auto end = static_cast<std::size_t>(matrix->indptr[row + 1]);
    for (std::size_t k = begin; k < end; ++k) {
      if (static_cast<std::size_t>(matrix->indices[k]) != row) {
        return object.unexpected("_idf_diag", "a diagonal matrix", value);
      }
      idf[row] = matrix->data[k];
    }
  }
  return idf;
}

base::Result<text::TfidfWeights> read_weights(const Object& object) {
  text::TfidfWeights weights;
  TRY_ASSIGN(weights.norm, read_norm(object));
  TRY_ASSIGN(weights.sublinear_tf, object.flag("sublinear_tf"));
  TRY_ASSIGN(const bool use_idf, object.flag("use_idf"));
  if (use_idf) {
    TRY_ASSIGN(weights.idf, read_idf(object));
  }
  weights.libm_log = object.release() < Release{0, 23};
  weights.order =
      text::TfidfWeights::order_of(object.release().major, object.release().minor, use_idf);
  return weights;
}

base::Result<text::CountVectorizer> read_counter(const Object& object, const Reader& reader) {
  TRY_ASSIGN(text::Analyzer analyzer, read_analyzer(object, reader));
  TRY_ASSIGN(text::Vocabulary vocabulary, read_vocabulary(object));
  TRY_ASSIGN(const bool binary, object.flag("binary"));
  return text::CountVectorizer(std::move(analyzer), std::move(vocabulary), binary);
}

Made read_count_vectorizer(const Object& object, Reader& reader) {
  TRY_ASSIGN(text::CountVectorizer counter, read_counter(object, reader));
  return std::make_unique<Vectorizer>(
      Vectorize::Fitted{.vectorizer = std::move(counter), .weights = std::nullopt},
      read_terms(object));
}

Made read_tfidf_vectorizer(const Object& object, Reader& reader) {
  TRY_ASSIGN(text::CountVectorizer counter, read_counter(object, reader));
  TRY_ASSIGN(const Value value, object.get("_tfidf"));
  TRY_ASSIGN(const Object transformer, Object::of(value, object.release()));
  TRY_ASSIGN(text::TfidfWeights weights, read_weights(transformer));
  // The idf of before 0.20 were doubles whatever the counts were.
  if (object.release() >= Release{0, 20}) weights.precision = read_precision(object);
  if (!weights.idf.empty() && weights.idf.size() != counter.features()) {
    return object.unexpected("_tfidf", fmt::format("{} idf weights", counter.features()),
                             std::to_string(weights.idf.size()));
  }
  return std::make_unique<Vectorizer>(
      Vectorize::Fitted{.vectorizer = std::move(counter), .weights = std::move(weights)},
      read_terms(object));
}

// Whether the idf were fitted on counts of float32, which then stay so.
bool has_single_idf(const Object& object) {
  auto idf = object.find("idf_");
  if (!idf) {
    const auto diagonal = object.find("_idf_diag");
    idf = diagonal ? diagonal->find("data") : std::nullopt;
  }
  const pickle::Array* array = idf ? idf->array() : nullptr;
  return array != nullptr && array->dtype.kind == 'f' && array->dtype.size == 4;
}

Made read_tfidf_transformer(const Object& object, Reader&) {
  TRY_ASSIGN(text::TfidfWeights weights, read_weights(object));
  if (has_single_idf(object)) weights.precision = text::Precision::Float32;
  return std::make_unique<TfidfTransformer>(std::move(weights));
}

Made read_hashing_vectorizer(const Object& object, Reader& reader) {
  TRY_ASSIGN(text::Analyzer analyzer, read_analyzer(object, reader));
  text::HashingOptions options;
  TRY_ASSIGN(const auto features, object.integer("n_features"));
  if (features < 1 || features > 0x7FFFFFFF) {
    return object.unexpected("n_features", "1 to 2147483647", std::to_string(features));
  }
  options.n_features = static_cast<std::uint32_t>(features);
  TRY_ASSIGN(const bool non_negative, object.flag_or("non_negative", false));
  if (non_negative) return object.unsupported("non_negative", "False", "True");
  TRY_ASSIGN(options.alternate_sign, object.flag_or("alternate_sign", true));
  TRY_ASSIGN(options.binary, object.flag("binary"));
  TRY_ASSIGN(options.norm, read_norm(object));
  options.precision = read_precision(object);
  auto vectorizer = text::HashingVectorizer::make(std::move(analyzer), options);
  if (!vectorizer.ok()) return std::move(vectorizer).error().within(object.title());
  return std::make_unique<Vectorizer>(
      Vectorize::Fitted{.vectorizer = *std::move(vectorizer), .weights = std::nullopt});
}

constexpr Entry kFeatureExtraction[] = {
    {"sklearn.feature_extraction", "CountVectorizer", read_count_vectorizer},
    {"sklearn.feature_extraction", "HashingVectorizer", read_hashing_vectorizer},
    {"sklearn.feature_extraction", "TfidfTransformer", read_tfidf_transformer},
    {"sklearn.feature_extraction", "TfidfVectorizer", read_tfidf_vectorizer},
};

}  // namespace

std::span<const Entry> feature_extraction_entries() { return kFeatureExtraction; }

}  // namespace sklearn
