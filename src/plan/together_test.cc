#include "plan/together.h"

#include <limits>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "plan/builder.h"
#include "plan_preparation/scale.h"
#include "plan_scores/link.h"

namespace plan {
namespace {

// The columns scaled, and then what `add_last` puts behind them, if anything.
template <typename AddLast>
Plan scaled(const AddLast& add_last, std::vector<double> center = {1, 2}) {
  Builder builder;
  Port port = *builder.finite(Builder::input(), 2);
  port = builder.add(std::make_shared<CenterScale>(2, std::move(center), std::vector<double>{2, 4}),
                     port, Form::Dense, 2);
  port = add_last(builder, port);
  return *std::move(builder).finish(port, {});
}

Port nothing(Builder& /*builder*/, const Port& port) { return port; }

Port link(LinkKind kind, Builder& builder, const Port& port) {
  auto step = std::make_shared<Link>(kind, port.width);
  const std::size_t width = step->outputs();
  return builder.add(std::move(step), port, Form::Dense, width);
}

Port largest(Builder& builder, const Port& port) { return link(LinkKind::ArgMax, builder, port); }
Port softmax(Builder& builder, const Port& port) { return link(LinkKind::Softmax, builder, port); }

data::Frame rows(const Plan& plan) {
  data::Frame frame(plan.signature());
  for (const double x : {3.0, -5.0, 0.25}) {
    const std::size_t row = frame.add_row();
    frame.set_number(row, 0, x);
    frame.set_number(row, 1, x * x);
  }
  return frame;
}

TEST(TogetherTest, RunsWhatPlansBeginWithOnceAndAnswersAsEachAlone) {
  const std::vector<Plan> plans = {scaled(largest), scaled(softmax), scaled(nothing)};
  const std::vector<const Plan*> all = {&plans[0], &plans[1], &plans[2]};
  Together together(all);
  // Gather, check, scale; the two links.
  EXPECT_EQ(together.steps(), 5U);
  const data::Frame frame = rows(plans[0]);
  ASSERT_TRUE(together.run(frame).ok());
  for (std::size_t i = 0; i < plans.size(); ++i) {
    Plan::Scratch scratch(plans[i]);
    const auto alone = plans[i].run(frame, scratch);
    ASSERT_TRUE(alone.ok());
    EXPECT_EQ(together.result(i).dense.values, (*alone)->dense.values) << i;
  }
}

TEST(TogetherTest, KeepsApartWhatDiffersInOneNumber) {
  const std::vector<Plan> plans = {scaled(nothing), scaled(nothing, {1, 2.5}), scaled(softmax)};
  const std::vector<const Plan*> all = {&plans[0], &plans[1], &plans[2]};
  Together together(all);
  EXPECT_EQ(together.steps(), 5U);
  const data::Frame frame = rows(plans[0]);
  ASSERT_TRUE(together.run(frame).ok());
  EXPECT_EQ(together.result(0).dense.values[1], (9.0 - 2) / 4);
  EXPECT_EQ(together.result(1).dense.values[1], (9.0 - 2.5) / 4);
}

TEST(TogetherTest, FailsWhereAPlanFails) {
  const Plan plan = scaled(softmax);
  const std::vector<const Plan*> all = {&plan};
  Together together(all);
  data::Frame frame(plan.signature());
  frame.set_number(frame.add_row(), 0, std::numeric_limits<double>::infinity());
  EXPECT_FALSE(together.run(frame).ok());
}

}  // namespace
}  // namespace plan
