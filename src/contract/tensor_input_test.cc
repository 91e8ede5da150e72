#include "contract/tensor_input.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "scorer/scorer.h"
#include "scorer/test_network.h"

namespace contract {
namespace {

std::shared_ptr<const scorer::Scorer> load(const std::string& name) {
  auto scorer = scorer::Scorer::load(SOOTH_SOURCE_DIR "/tests/scenario/data/" + name, {});
  EXPECT_TRUE(scorer.ok());
  return *scorer;
}

template <typename T>
std::string bytes_of(const std::vector<T>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(T)};
}

TensorHead head_of(std::string_view name, data::Datatype type,
                   const std::vector<std::uint64_t>& shape) {
  TensorHead head{.name = name, .datatype = type};
  for (const std::uint64_t extent : shape) EXPECT_TRUE(head.add_extent(extent).ok());
  return head;
}

// Of a model of four columns of numbers.
class TensorInputTest : public ::testing::Test {
 protected:
  base::Result<void> take(TensorInput& input, const TensorHead& head, std::string_view bytes) {
    TRY_ASSIGN(const TensorInput::Target target, input.begin(head));
    return input.fill_binary(head, target, bytes);
  }
  std::vector<double> column(const Ask& ask, std::size_t c) {
    std::vector<double> cells(ask.frame.rows());
    ask.frame.read_numbers(c, 0, cells.size(), cells.data());
    return cells;
  }

  std::shared_ptr<const scorer::Scorer> flowers_ = load("flowers.joblib");
};

TEST_F(TensorInputTest, RefersToAMatrixRowByRow) {
  const Offer offer(*flowers_, {});
  Ask ask(offer);
  TensorInput input(ask, 100);
  const std::string bytes = bytes_of<float>({1, 2, 3, 4, 5, 6, 7, 8});
  ASSERT_TRUE(take(input, head_of("x", data::Datatype::Fp32, {2, 4}), bytes).ok());
  ASSERT_TRUE(input.finish().ok());
  EXPECT_EQ(column(ask, 0), (std::vector<double>{1, 5}));
  EXPECT_EQ(column(ask, 3), (std::vector<double>{4, 8}));
  EXPECT_TRUE(ask.frame.is_borrowed(2));
}

TEST_F(TensorInputTest, RefusesBytesThatAreNotWhatTheShapeSays) {
  const Offer offer(*flowers_, {});
  const std::string bytes = bytes_of<float>({1, 2, 3, 4, 5, 6, 7, 8});
  for (const std::size_t cut : {1UL, 4UL, 32UL}) {
    Ask ask(offer);
    TensorInput input(ask, 100);
    const auto taken = take(input, head_of("x", data::Datatype::Fp32, {2, 4}),
                            std::string_view(bytes).substr(cut));
    ASSERT_FALSE(taken.ok());
    EXPECT_TRUE(taken.error().message().starts_with(
        R"(input "x": expected 8 elements of 4 bytes as "shape" and "datatype" say, got )"))
        << taken.error().message();
  }
  Ask ask(offer);
  TensorInput none(ask, 100);
  ASSERT_TRUE(take(none, head_of("x", data::Datatype::Fp32, {0, 4}), "").ok());
  EXPECT_FALSE(none.finish().ok());
}

TEST_F(TensorInputTest, TakesWhatIsNotFiniteWhereItMay) {
  const double nan = std::nan("");
  const double infinity = std::numeric_limits<double>::infinity();
  const std::string bytes = bytes_of<double>({1, nan, 3, -infinity});
  const TensorHead head = head_of("x", data::Datatype::Fp64, {1, 4});
  const Offer takes(*flowers_, {.accept_nan = true});
  Ask ask(takes);
  TensorInput input(ask, 100);
  EXPECT_TRUE(take(input, head, bytes).ok());
  const Offer refuses(*flowers_, {.accept_nan = false});
  Ask strict(refuses);
  TensorInput refusing(strict, 100);
  const auto taken = take(refusing, head, bytes);
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().message(), R"(input "x": element 1: expected a finite number, got nan)");
}

// Columns of several types, of which each comes in its own.
TEST(TensorInputOfColumnsTest, RefersToNumbersAndTextsAlike) {
  const auto passengers = load("passengers.joblib");
  const Offer offer(*passengers, {});
  Ask ask(offer);
  TensorInput input(ask, 100);
  const auto take = [&](std::string_view name, data::Datatype type, std::string_view bytes) {
    const TensorHead head = head_of(name, type, {2});
    const auto target = input.begin(head);
    return target.ok() && input.fill_binary(head, *target, bytes).ok();
  };
  const std::string ages = bytes_of<std::int16_t>({30, 41});
  const std::string fares = bytes_of<double>({7.5, 80});
  const std::string ports("\4\0\0\0Oslo\4\0\0\0Hull", 16);
  EXPECT_TRUE(take("age", data::Datatype::Int16, ages));
  EXPECT_TRUE(take("fare", data::Datatype::Fp64, fares));
  EXPECT_FALSE(input.finish().ok());
  EXPECT_TRUE(take("port", data::Datatype::Bytes, ports));
  ASSERT_TRUE(input.finish().ok());
  const auto& columns = offer.inputs();
  double age[2] = {};
  ask.frame.read_numbers(*columns.find("age"), 0, 2, age);
  EXPECT_EQ(age[1], 41);
  EXPECT_EQ(ask.frame.texts(*columns.find("port"))[0], "Oslo");
  EXPECT_EQ(ask.frame.texts(*columns.find("port"))[0].data(), ports.data() + 4);
}

// Pictures are any bytes, and stay where they lie.
TEST(TensorInputOfPicturesTest, TakesAnyBytes) {
  const auto colours = scorer::testing::load_test_pictures();
  ASSERT_TRUE(colours.ok()) << colours.error().message();
  const Offer offer(**colours, {});
  EXPECT_TRUE(offer.is_image());
  EXPECT_TRUE(offer.is_ranked());
  EXPECT_EQ(offer.usual_outputs(), 3U);
  const std::string bytes("\2\0\0\0\xff\xd8\0\0\0\0", 10);
  for (const std::vector<std::uint64_t>& shape :
       std::vector<std::vector<std::uint64_t>>{{2}, {2, 1}}) {
    Ask ask(offer);
    TensorInput input(ask, 100);
    const TensorHead head = head_of("image", data::Datatype::Bytes, shape);
    const auto target = input.begin(head);
    ASSERT_TRUE(target.ok()) << target.error().message();
    ASSERT_TRUE(input.fill_binary(head, *target, bytes).ok());
    ASSERT_TRUE(input.finish().ok());
    EXPECT_EQ(ask.frame.rows(), 2U);
    EXPECT_EQ(ask.frame.texts(0)[0], "\xff\xd8");
    EXPECT_EQ(ask.frame.texts(0)[0].data(), bytes.data() + 4);
    EXPECT_EQ(ask.frame.texts(0)[1], "");
    EXPECT_EQ(ask.frame.copied_bytes(), 0U);
  }
  Ask ask(offer);
  TensorInput input(ask, 100);
  const auto numbers = input.begin(head_of("image", data::Datatype::Uint8, {2}));
  ASSERT_FALSE(numbers.ok());
  EXPECT_EQ(numbers.error().message(), R"(input "image": expected BYTES, got UINT8)");
}

// Texts are texts all the same.
TEST(TensorInputOfColumnsTest, RefusesTextsThatAreNoUtf8) {
  const auto passengers = load("passengers.joblib");
  const Offer offer(*passengers, {});
  Ask ask(offer);
  TensorInput input(ask, 100);
  const TensorHead head = head_of("port", data::Datatype::Bytes, {1});
  const auto target = input.begin(head);
  ASSERT_TRUE(target.ok());
  const auto taken = input.fill_binary(head, *target, std::string_view("\2\0\0\0\xff\xd8", 6));
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().message(),
            R"(input "port": element 0: expected UTF-8, got another byte at 0)");
}

}  // namespace
}  // namespace contract
