#include "arguments.hpp"

#include <gtest/gtest.h>

#include "complaint_for.hpp"
#include "operation.hpp"

#include <mailpod/members/error.hpp>
#include <mailpod/queue/error.hpp>

namespace mailpod::admin {
namespace {

TEST(Arguments, OfTheWrongShapeAreRefused) {
  const json arguments{{"name", 3}, {"list", json::array({1, 2, 3})}, {"hash", "12"}};
  EXPECT_THROW(text_argument(arguments, "name"), BadRequest);
  EXPECT_THROW(text_argument(arguments, "absent"), BadRequest);
  EXPECT_THROW(optional_text(arguments, "name"), BadRequest);
  EXPECT_THROW(flag_argument(arguments, "name"), BadRequest);
  EXPECT_FALSE(flag_argument(arguments, "absent"));
  EXPECT_THROW(list_argument(arguments, "list", 2), BadRequest);
  EXPECT_THROW(list_argument(arguments, "name", 2), BadRequest);
  EXPECT_THROW(hash_argument(arguments, "hash"), BadRequest);
  EXPECT_THROW(file_argument(arguments, "name"), BadRequest);
}

TEST(Arguments, HoldNumbersWithinTheirLimits) {
  const json arguments{{"one", 1},      {"ten", 10},   {"none", 0},      {"less", -1},
                       {"large", 1e30}, {"text", "1"}, {"null", nullptr}};
  EXPECT_EQ(optional_number(arguments, "one", 10), 1U);
  EXPECT_EQ(optional_number(arguments, "ten", 10), 10U);
  EXPECT_EQ(optional_number(arguments, "absent", 10), std::nullopt);
  EXPECT_EQ(optional_number(arguments, "null", 10), std::nullopt);
  for (const char* bad : {"none", "less", "large", "text"}) {
    EXPECT_THROW(optional_number(arguments, bad, 10), BadRequest) << bad;
  }
  EXPECT_THROW(optional_number(arguments, "ten", 9), BadRequest);
}

TEST(Arguments, ThatProveAMemberAreASecretAndPerhapsACode) {
  const json alone{{"secret", "pw"}};
  EXPECT_EQ(secret_argument(alone).text, "pw");
  EXPECT_EQ(secret_argument(alone).one_time_code, "");
  const json both{{"secret", "pw"}, {"one_time_code", "123456"}};
  EXPECT_EQ(secret_argument(both).one_time_code, "123456");
  EXPECT_THROW(secret_argument(json{{"one_time_code", "123456"}}), BadRequest);
}

TEST(Arguments, HoldASignedFile) {
  const json arguments{{"act", {{"name", "act"}, {"octets", "…"}, {"signatures", {"one", "two"}}}}};
  const auto file = file_argument(arguments, "act");
  EXPECT_EQ(file.octets, "…");
  EXPECT_EQ(file.minisigs, (std::vector<std::string>{"one", "two"}));
}

TEST(Arguments, ThatAreSecretAreWipedWhereverTheyStand) {
  json request{{"arguments",
                {{"secret", "s3cret"},
                 {"backup_codes", {"b4ckup"}},
                 {"enrolments", {{{"code", "c0de"}, {"password", "pw"}, {"address", "a@b"}}}}}}};
  wipe_secrets(request);
  const std::string left = request.dump();
  EXPECT_EQ(left.find("s3cret"), std::string::npos);
  EXPECT_EQ(left.find("b4ckup"), std::string::npos);
  EXPECT_EQ(left.find("c0de"), std::string::npos);
  EXPECT_EQ(left.find("pw"), std::string::npos);
  EXPECT_NE(left.find("a@b"), std::string::npos);
}

TEST(Operations, HaveOneNameEach) {
  std::set<std::string_view> names;
  for (const auto& operation : operations()) EXPECT_TRUE(names.insert(operation.name).second) << operation.name;
  EXPECT_FALSE(names.empty());
}

TEST(Complaints, HaveARemedyForEveryRefusalOfMembersAndQueue) {
  for (int code = 1; code <= static_cast<int>(members::Errc::bad_name); ++code) {
    const auto error = make_error_code(static_cast<members::Errc>(code));
    EXPECT_NE(complaint_for(error, "").remedy, "`mailpod check` may say more") << error.message();
  }
  for (int code = 1; code <= static_cast<int>(queue::Errc::too_many_suppressed); ++code) {
    const auto error = make_error_code(static_cast<queue::Errc>(code));
    EXPECT_NE(complaint_for(error, "").remedy, "`mailpod check` may say more") << error.message();
  }
}

}  // namespace
}  // namespace mailpod::admin
