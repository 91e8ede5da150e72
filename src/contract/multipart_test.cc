#include "contract/multipart.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace contract {
namespace {

const std::string kForm = "multipart/form-data; boundary=b";

// "name=bytes" of each part, or the error's message behind what all of them begin with.
std::vector<std::string> parts_of(const std::string& type, const std::string& body,
                                  std::size_t parts_max = 256) {
  const auto parts = parse_multipart(type, body, parts_max);
  if (!parts.ok()) {
    EXPECT_EQ(parts.error().code(), base::Code::Invalid);
    const std::string begin = "body: multipart/form-data: ";
    EXPECT_EQ(parts.error().message().substr(0, begin.size()), begin);
    return {"refused", parts.error().message().substr(begin.size())};
  }
  std::vector<std::string> texts;
  for (const Part& part : *parts) texts.push_back(part.name + "=" + std::string(part.bytes));
  return texts;
}

std::string part(const std::string& name, const std::string& bytes) {
  return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + bytes + "\r\n";
}

using Texts = std::vector<std::string>;

TEST(MultipartTest, ReadsParts) {
  const struct {
    const char* what;
    std::string body;
    Texts expected;
  } cases[] = {
      {"as curl sends it",
       "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.jpg\"\r\n"
       "Content-Type: image/jpeg\r\n\r\nbytes\r\n--b--\r\n",
       {"image=bytes"}},
      {"no line behind the end", part("a", "x") + "--b--", {"a=x"}},
      {"a line before the first", "\r\n" + part("a", "x") + "--b--", {"a=x"}},
      {"text before and behind", "hello\r\n" + part("a", "x") + "--b--\r\nbye\r\n--b\r\n", {"a=x"}},
      {"two", part("a", "x") + part("b", "y") + "--b--", {"a=x", "b=y"}},
      {"an empty part", part("a", "") + part("b", "") + "--b--", {"a=", "b="}},
      {"lines and half a boundary in the data",
       part("a", "\r\n\r\n--a\r\n-b\n--b--\r--b\r\n") + "--b--",
       {"a=\r\n\r\n--a\r\n-b\n--b--\r--b\r\n"}},
      {"bytes of every kind",
       part("a", std::string("\0\xff\x89PNG\r\n", 8)) + "--b--",
       {"a=" + std::string("\0\xff\x89PNG\r\n", 8)}},
      {"one name twice", part("a", "x") + part("a", "y") + "--b--", {"a=x", "a=y"}},
      {"blanks behind the boundary",
       "--b \t\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--",
       {"a=x"}},
      {"a file's name alone",
       "--b\r\nContent-Disposition: form-data; filename=a.png\r\n\r\nx\r\n--b--",
       {"a.png=x"}},
      {"a file's name and an empty name",
       "--b\r\nContent-Disposition: form-data; name=\"\"; filename=a.png\r\n\r\nx\r\n--b--",
       {"a.png=x"}},
      {"words of any case, and blanks",
       "--b\r\ncontent-disposition :\tForm-Data ;\tNAME = \"a\" \r\n\r\nx\r\n--b--",
       {"a=x"}},
      {"other fields first",
       "--b\r\nX: name=no\r\nnonsense\r\nContent-Disposition: form-data; x=\"; name=no\"; "
       "name=a\r\n\r\nx\r\n--b--",
       {"a=x"}},
      {"quotes within quotes",
       "--b\r\nContent-Disposition: form-data; name=\"a\\\"b;\\\\\"\r\n\r\nx\r\n--b--",
       {"a\"b;\\=x"}},
      {"a name of several languages",
       part("\xd0\xba\xd0\xbe\xd1\x82 \xe2\x98\x83", "x") + "--b--",
       {"\xd0\xba\xd0\xbe\xd1\x82 \xe2\x98\x83=x"}},
  };
  for (const auto& c : cases) EXPECT_EQ(parts_of(kForm, c.body), c.expected) << c.what;
}

TEST(MultipartTest, FindsTheBoundary) {
  const std::string body =
      "--a b;c\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--a b;c--\r\n";
  EXPECT_EQ(parts_of("multipart/form-data; charset=utf-8; Boundary=\"a b;c\"", body), Texts{"a=x"});
  EXPECT_EQ(parts_of("multipart/form-data;boundary=b", part("a", "x") + "--b--"), Texts{"a=x"});
  EXPECT_EQ(parts_of("multipart/form-data; boundary=b ; x=y", part("a", "x") + "--b--"),
            Texts{"a=x"});
  const std::string longest(70, 'x');
  EXPECT_EQ(parts_of("multipart/form-data; boundary=" + longest,
                     "--" + longest + "\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--" +
                         longest + "--"),
            Texts{"a=x"});
  for (const std::string& type :
       {std::string("multipart/form-data"), std::string("multipart/form-data; boundary="),
        std::string("multipart/form-data; boundary=\"\""),
        std::string("multipart/form-data; x=\"; boundary=b\""),
        "multipart/form-data; boundary=" + longest + "x"}) {
    const Texts refused = parts_of(type, part("a", "x") + "--b--");
    ASSERT_EQ(refused.size(), 2U) << type;
    EXPECT_EQ(refused[1].find("expected a boundary of 1 to 70 bytes in Content-Type, got \"multip"),
              0U)
        << refused[1];
  }
}

TEST(MultipartTest, RefusesWhatIsNoForm) {
  const std::string head = "--b\r\nContent-Disposition: form-data; name=a\r\n";
  const struct {
    std::string body;
    const char* expected;
  } cases[] = {
      {"", "expected a part, got none"},
      {"--b--", "expected a part, got none"},
      {"--b--\r\n", "expected a part, got none"},
      {"x--b\r\n", "expected a part, got none"},
      {"\xff\xd8\xff\xe0", "expected a part, got none"},
      {"--b", "expected a line's end behind the boundary"},
      {"--bx\r\n", "expected a line's end behind the boundary"},
      {part("a", "x\r\n--bx") + "--b--", "expected a line's end behind the boundary"},
      {part("a", "x") + "--b", "expected a line's end behind the boundary"},
      {part("a", "x") + "--b-", "expected a line's end behind the boundary"},
      {part("a", "x") + "--b\n--b--", "expected a line's end behind the boundary"},
      {"--b\r\n", "part 0: expected a head of at most 4096 bytes"},
      {head, "part 0: expected a head of at most 4096 bytes"},
      {part("a", "x") + head, "part 1: expected a head of at most 4096 bytes"},
      {head + "X: " + std::string(4096, 'x') + "\r\n\r\nx\r\n--b--",
       "part 0: expected a head of at most 4096 bytes"},
      {head + "\r\nx", "part 0: expected the boundary behind it"},
      {head + "\r\n", "part 0: expected the boundary behind it"},
      {head + "\r\nx--b--", "part 0: expected the boundary behind it"},
      {part("a", "x") + part("b", "y"), "part 1: expected the boundary behind it"},
      {"--b\r\n\r\nx\r\n--b--", "part 0: expected a name, got none"},
      {"--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--", "part 0: expected a name, got none"},
      {"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
       "part 0: expected a name, got none"},
      {"--b\r\nContent-Disposition: form-data; name=\r\n\r\nx\r\n--b--",
       "part 0: expected a name, got none"},
      {"--b\r\nContent-Disposition: form-data; name=\"\r\n\r\nx\r\n--b--",
       "part 0: expected a name, got none"},
      {part("a", "x") + part("\xe9t\xe9", "x") + "--b--", "part 1: expected a name in UTF-8"},
  };
  for (const auto& c : cases) EXPECT_EQ(parts_of(kForm, c.body), (Texts{"refused", c.expected}));
}

TEST(MultipartTest, BoundsHowManyThereAre) {
  std::string body;
  for (int i = 0; i < 256; ++i) body += part(std::to_string(i), "x");
  EXPECT_EQ(parts_of(kForm, body + "--b--").size(), 256U);
  body += part("256", "x");
  EXPECT_EQ(parts_of(kForm, body + "--b--"), (Texts{"refused", "expected at most 256 parts"}));
}

TEST(MultipartTest, AHeadOfJustTheBound) {
  const std::string field = "Content-Disposition: form-data; name=";
  const auto body = [&](std::size_t head_bytes) {
    return "--b\r\n" + field + std::string(head_bytes - field.size(), 'n') + "\r\n\r\nx\r\n--b--";
  };
  EXPECT_EQ(parts_of(kForm, body(4096)).size(), 1U);
  EXPECT_EQ(parts_of(kForm, body(4096)).front().size(), 4096 - field.size() + 2);
  EXPECT_EQ(parts_of(kForm, body(4097)).front(), "refused");
}

}  // namespace
}  // namespace contract
