#include "auth/public_key.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "auth/base64url.h"

namespace auth {
namespace {

std::string decoded(std::string_view text) { return base64url_decode(text).value_or(""); }

constexpr std::string_view kPayload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlf"
    "Q";

TEST(PublicKeyTest, TakesTheExampleOfRfc7515A2) {
  const auto key = PublicKey::rsa(
      decoded("ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEz"
              "P1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf6"
              "3kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5Zw"
              "Kh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRW"
              "yuXpoQ"),
      decoded("AQAB"));
  ASSERT_TRUE(key.ok()) << key.error().message();
  const std::string signature = decoded(
      "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt"
      "_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArL"
      "IARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7no"
      "OPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQ"
      "Ge77Rw");
  const std::string text = "eyJhbGciOiJSUzI1NiJ9." + std::string(kPayload);
  EXPECT_TRUE(key->verifies(Algorithm::Rs256, text, signature));
  EXPECT_FALSE(key->verifies(Algorithm::Ps256, text, signature));
  EXPECT_FALSE(key->verifies(Algorithm::Rs256, text + "A", signature));
}

TEST(PublicKeyTest, TakesTheExampleOfRfc7515A3) {
  const auto key = PublicKey::p256(decoded("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                                   decoded("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"));
  ASSERT_TRUE(key.ok()) << key.error().message();
  const std::string signature = decoded(
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
  const std::string text = "eyJhbGciOiJFUzI1NiJ9." + std::string(kPayload);
  EXPECT_TRUE(key->verifies(Algorithm::Es256, text, signature));
  EXPECT_FALSE(key->verifies(Algorithm::Es256, text + "A", signature));
}

TEST(PublicKeyTest, TakesTheExampleOfRfc8037A4) {
  const auto key = PublicKey::ed25519(decoded("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"));
  ASSERT_TRUE(key.ok()) << key.error().message();
  const std::string signature = decoded(
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
  const std::string text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  EXPECT_TRUE(key->verifies(Algorithm::EdDsa, text, signature));
  EXPECT_FALSE(key->verifies(Algorithm::EdDsa, text + "A", signature));
}

// The two numbers of an ES256 signature as nobody signs them.
TEST(PublicKeyTest, RefusesSignaturesOfNumbersThatAreNone) {
  const auto key = PublicKey::p256(decoded("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                                   decoded("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"));
  ASSERT_TRUE(key.ok());
  const std::string zero(32, '\0');
  const std::string one = std::string(31, '\0') + '\x01';
  // The order of the curve.
  const std::string order = decoded("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE");
  for (const std::string& r : {zero, one, order}) {
    for (const std::string& s : {zero, one, order}) {
      EXPECT_FALSE(key->verifies(Algorithm::Es256, "text", r + s));
    }
  }
  EXPECT_FALSE(key->verifies(Algorithm::Es256, "text", zero));
  EXPECT_FALSE(key->verifies(Algorithm::Es256, "text", std::string(65, 'x')));
}

}  // namespace
}  // namespace auth
