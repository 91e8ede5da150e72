#include "companions/category_columns.h"

#include <chrono>
#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include "fitted/test_pickle.h"
#include "pickle/document.h"

namespace companions {
namespace {

namespace tp = fitted::test_pickle;

base::Result<void> lump(const tp::Attributes& groups, CategoryColumn& column) {
  const std::string file =
      tp::file(tp::object("category_encoders.count", "CountEncoder",
                          {{"groups", tp::dict({{column.name, tp::dict(groups)}})}}));
  TRY_ASSIGN(const auto document, pickle::Document::read(base::as_bytes(file)));
  TRY_ASSIGN(const Object object, Object::of(document.root(), {}));
  return read_lumped(object, "groups", column);
}

TEST(CategoryColumnsTest, RareCategoriesAreWhatTheirGroupIs) {
  CategoryColumn column{
      .name = "c", .outputs = {"c"}, .rows = {{"a", {1}}, {3.0, {2}}, {"b_c", {3}}, {"b_c", {4}}}};
  const auto done = lump({{"b", tp::text("b_c")},
                          {"c", tp::text("b_c")},
                          {"d", tp::text("none")},
                          // A group of one that was in a group.
                          {"e", tp::text("c")}},
                         column);
  ASSERT_TRUE(done.ok()) << done.error().message();
  ASSERT_EQ(column.rows.size(), 7U);
  for (std::size_t i = 4; i < 7; ++i) {
    EXPECT_EQ(std::get<std::string>(column.rows[i].first), std::string(1, "bce"[i - 4]));
    EXPECT_EQ(column.rows[i].second, std::vector<double>{3});
  }
  EXPECT_EQ(lump({{"b", tp::integer(1)}}, column).error().message(),
            "category_encoders.CountEncoder \"groups\": expected texts, got \"b\"");
}

// Each of as many groups stands last: a search through all rows would take minutes.
TEST(CategoryColumnsTest, ManyCategoriesAndGroupsTakeNoTime) {
  constexpr std::size_t kCategories = 100'000;
  CategoryColumn column{.name = "c", .outputs = {"c"}, .rows = {}};
  tp::Attributes groups;
  for (std::size_t i = 0; i < kCategories; ++i) {
    column.rows.emplace_back("group of many " + std::to_string(i),
                             std::vector{static_cast<double>(i)});
    groups.emplace_back("rare " + std::to_string(i),
                        tp::text("group of many " + std::to_string(kCategories - 1 - i)));
  }
  const auto start = std::chrono::steady_clock::now();
  const auto done = lump(groups, column);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  ASSERT_TRUE(done.ok()) << done.error().message();
  ASSERT_EQ(column.rows.size(), 2 * kCategories);
  EXPECT_EQ(column.rows.back().second, std::vector<double>{0});
}

}  // namespace
}  // namespace companions
