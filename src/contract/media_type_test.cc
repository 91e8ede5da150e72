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
      EXPECT_EQ(takes_type(Form::AzureMl, c.field, pictures), c.azureml[at]) << c.field;
      EXPECT_EQ(takes_type(Form::MlFlow, c.field, pictures), c.mlflow[at]) << c.field;
      EXPECT_EQ(takes_type(Form::OipRest, c.field, pictures), c.oip[at]) << c.field;
      EXPECT_EQ(takes_type(Form::TfPredict, c.field, pictures), c.tfserving[at]) << c.field;
    }
  }
}

TEST(MediaTypeTest, SaysWhatItTakes) {
  EXPECT_EQ(types_of(Form::AzureMl), "application/json, text/csv or application/jsonlines");
  EXPECT_EQ(types_of(Form::AzureMl, true),
            "image/*, multipart/form-data, application/octet-stream or application/json");
  for (const bool pictures : {false, true}) {
    EXPECT_EQ(types_of(Form::MlFlow, pictures),
              "application/json, text/csv or application/jsonlines");
    EXPECT_EQ(types_of(Form::OipRest, pictures), "application/json or application/octet-stream");
    EXPECT_EQ(types_of(Form::TfPredict, pictures), "application/json");
  }
}

// An answer is never a picture.
TEST(MediaTypeTest, WhatIsAcceptedIsText) {
  EXPECT_EQ(accepted_type("image/png, text/csv"), MediaType::Csv);
  EXPECT_EQ(accepted_type("image/*, multipart/form-data"), MediaType::Json);
  EXPECT_EQ(accepted_type("*/*"), MediaType::Json);
}

}  // namespace
}  // namespace contract
