// A plan allocates nothing once its scratch is warm.
#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include <gtest/gtest.h>

#include "data/frame.h"
#include "pickle/document.h"
#include "sklearn/model.h"

// A sanitizer brings operators of its own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SOOTH_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SOOTH_SANITIZED 1
#endif
#endif

namespace {
std::atomic<std::size_t> allocations = 0;
}  // namespace

#if !defined(SOOTH_SANITIZED)
namespace {

void* allocate(std::size_t bytes) {
  ++allocations;
  if (void* made = std::malloc(bytes == 0 ? 1 : bytes)) return made;
  std::abort();
}

void* allocate(std::size_t bytes, std::align_val_t alignment) {
  ++allocations;
  const auto align = static_cast<std::size_t>(alignment);
  if (void* made = std::aligned_alloc(align, (bytes + align - 1) / align * align)) return made;
  std::abort();
}

}  // namespace

void* operator new(std::size_t bytes) { return allocate(bytes); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return allocate(bytes, alignment);
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return allocate(bytes); }
void operator delete(void* made, const std::nothrow_t&) noexcept { std::free(made); }
void operator delete(void* made) noexcept { std::free(made); }
void operator delete(void* made, std::size_t) noexcept { std::free(made); }
void operator delete(void* made, std::align_val_t) noexcept { std::free(made); }
void operator delete(void* made, std::size_t, std::align_val_t) noexcept { std::free(made); }
#endif

namespace sklearn {
namespace {

class AllocationTest : public ::testing::TestWithParam<std::string> {};

void fill(const data::Signature& signature, data::Frame& frame) {
  frame.clear();
  frame.add_row();
  for (std::size_t c = 0; c < signature.columns.size(); ++c) {
    if (signature.columns[c].type == data::ColumnType::Number) {
      frame.set_number(0, c, 0.25);
    } else {
      frame.set_text(0, c, "how to parse a json array");
    }
  }
}

TEST_P(AllocationTest, NothingOnceTheScratchIsWarm) {
#if defined(SOOTH_SANITIZED)
  GTEST_SKIP() << "a sanitizer counts allocations itself";
#endif
  const auto document = pickle::Document::open(
      std::string(SOOTH_SOURCE_DIR) + "/tests/fuzz/corpus/sklearn_model_fuzz/" + GetParam());
  ASSERT_TRUE(document.ok()) << document.error().message();
  const auto model = Model::read(document->root(), {});
  ASSERT_TRUE(model.ok()) << model.error().message();
  for (const plan::Method method : model->methods()) {
    const auto plan = model->compile(method);
    ASSERT_TRUE(plan.ok()) << plan.error().message();
    data::Frame frame(plan->signature());
    plan::Plan::Scratch scratch(*plan);
    // Some steps swap memory with their buffers, so both have to have grown.
    for (int i = 0; i < 3; ++i) {
      fill(plan->signature(), frame);
      ASSERT_TRUE(plan->run(frame, scratch).ok());
    }
    const std::size_t before = allocations;
    fill(plan->signature(), frame);
    const bool ok = plan->run(frame, scratch).ok();
    EXPECT_EQ(allocations - before, 0U) << plan::method_name(method);
    EXPECT_TRUE(ok);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, AllocationTest,
                         ::testing::Values("columns.pkl", "tfidf.pkl", "counted.pkl", "union.pkl",
                                           "forest.pkl", "tree.pkl", "boosted.pkl", "places.pkl"),
                         [](const auto& test) {
                           return test.param.substr(0, test.param.find('.'));
                         });

}  // namespace
}  // namespace sklearn
