#include "contract/media_type.h"

#include <gtest/gtest.h>

namespace contract {
namespace {

TEST(MediaTypeTest, IsToldByTheTypeAlone) {
  const struct {
    const char* field;
    MediaType type;
  } cases[] = {
      {"", MediaType::Other},
      {"application/json", MediaType::Json},
      {" Application/JSON ; charset=utf-8", MediaType::Json},
      {"text/csv", MediaType::Csv},
      {"application/x-ndjson", MediaType::JsonLines},
      {"application/octet-stream", MediaType::Octets},
      {"multipart/form-data; boundary=b", MediaType::Multipart},
      {"MULTIPART/Form-Data", MediaType::Multipart},
      {"multipart/mixed; boundary=b", MediaType::Other},
      {"multipart/form-datas", MediaType::Other},
      {"image/jpeg", MediaType::Picture},
      {"IMAGE/Png; q=1", MediaType::Picture},
      {"image/", MediaType::Picture},
      {"image", MediaType::Other},
      {"images/png", MediaType::Other},
      {"x; image/png", MediaType::Other},
  };
  for (const auto& c : cases) EXPECT_EQ(media_type_of(c.field), c.type) << c.field;
}

TEST(MediaTypeTest, FormsTakeWhatTheyCanRead) {
  const struct {
    const char* field;
    // Of rows, and of pictures.
    bool azureml[2], mlflow[2], oip[2], tfserving[2];
  } cases[] = {
      {"", {true, true}, {true, true}, {true, true}, {true, true}},
      {"application/json", {true, true}, {true, true}, {true, true}, {true, true}},
      {"text/plain", {true, true}, {true, true}, {true, true}, {true, true}},
      {"application/vnd.x+json", {true, true}, {true, true}, {true, true}, {true, true}},
      {"text/csv", {true, true}, {true, true}, {false, false}, {false, false}},
      {"application/jsonl", {true, true}, {true, true}, {false, false}, {false, false}},
      {"application/octet-stream", {false, true}, {false, false}, {true, true}, {false, false}},
      {"image/png", {false, true}, {false, false}, {false, false}, {false, false}},
      {"multipart/form-data; boundary=b",
       {false, true},
       {false, false},
       {false, false},
       {false, false}},
      {"multipart/mixed", {false, false}, {false, false}, {false, false}, {false, false}},
      {"video/mp4", {false, false}, {false, false}, {false, false}, {false, false}},
  };
  for (const auto& c : cases) {
    for (const bool pictures : {false, true}) {
      const std::size_t at = pictures ? 1 : 0;
      const Kind kind = pictures ? Kind::Pictures : Kind::Rows;
      EXPECT_EQ(takes_type(Form::AzureMl, c.field, kind), c.azureml[at]) << c.field;
      EXPECT_EQ(takes_type(Form::MlFlow, c.field, kind), c.mlflow[at]) << c.field;
      EXPECT_EQ(takes_type(Form::OipRest, c.field, kind), c.oip[at]) << c.field;
      EXPECT_EQ(takes_type(Form::TfPredict, c.field, kind), c.tfserving[at]) << c.field;
    }
  }
}

TEST(MediaTypeTest, SaysWhatItTakes) {
  EXPECT_EQ(types_of(Form::AzureMl), "application/json, text/csv or application/jsonlines");
  EXPECT_EQ(types_of(Form::AzureMl, Kind::Pictures),
            "image/*, multipart/form-data, application/octet-stream or application/json");
  for (const Kind kind : {Kind::Rows, Kind::Pictures, Kind::Tensors}) {
    EXPECT_EQ(types_of(Form::MlFlow, kind),
              kind == Kind::Tensors ? "application/json"
                                    : "application/json, text/csv or application/jsonlines");
    EXPECT_EQ(types_of(Form::OipRest, kind), "application/json or application/octet-stream");
    EXPECT_EQ(types_of(Form::TfPredict, kind), "application/json");
  }
  EXPECT_EQ(types_of(Form::AzureMl, Kind::Tensors), "application/json");
}

TEST(MediaTypeTest, OfTensorsThereAreNoTables) {
  EXPECT_FALSE(takes_type(Form::AzureMl, "text/csv", Kind::Tensors));
  EXPECT_FALSE(takes_type(Form::MlFlow, "application/jsonl", Kind::Tensors));
  EXPECT_FALSE(takes_type(Form::AzureMl, "image/png", Kind::Tensors));
  EXPECT_TRUE(takes_type(Form::OipRest, "application/octet-stream", Kind::Tensors));
  EXPECT_TRUE(takes_type(Form::MlFlow, "application/json", Kind::Tensors));
}

// An answer is never a picture.
TEST(MediaTypeTest, WhatIsAcceptedIsText) {
  EXPECT_EQ(accepted_type("image/png, text/csv"), MediaType::Csv);
  EXPECT_EQ(accepted_type("image/*, multipart/form-data"), MediaType::Json);
  EXPECT_EQ(accepted_type("*/*"), MediaType::Json);
}

}  // namespace
}  // namespace contract
