#include "policy_server.hpp"

#include <gtest/gtest.h>

#include <mailpod/queue/error.hpp>

namespace mailpod::daemon {
namespace {

http::Response answer(unsigned status, const std::string& type) {
  http::Response response;
  response.status = status;
  if (!type.empty()) response.fields.add("Content-Type", type);
  response.content = "version: STSv1";
  return response;
}

// RFC 8461 §3.3.
TEST(PolicyServer, IsAskedAtTheOnePlace) {
  EXPECT_EQ(policy_request("far.example").url.str(), "https://mta-sts.far.example/.well-known/mta-sts.txt");
}

TEST(PolicyServer, IsBelievedWhereItSendsPlainText) {
  for (const auto* type : {"text/plain", "Text/Plain; charset=utf-8", "text/plain ;x=y"})
    EXPECT_EQ(policy_in(answer(200, type)).value(), "version: STSv1") << type;
}

TEST(PolicyServer, IsNotBelievedOtherwise) {
  for (const auto* type : {"", "text/html", "text/plainer", "application/octet-stream"})
    EXPECT_EQ(policy_in(answer(200, type)).error(), make_error_code(queue::Errc::policy_refused)) << type;
  for (const unsigned status : {201U, 204U, 301U, 302U, 404U, 500U})
    EXPECT_EQ(policy_in(answer(status, "text/plain")).error(), make_error_code(queue::Errc::policy_refused)) << status;
  const boost::system::error_code other_name = make_error_code(http::Errc::certificate_refused);
  EXPECT_EQ(policy_in(other_name).error(), make_error_code(queue::Errc::policy_untrusted));
}

}  // namespace
}  // namespace mailpod::daemon
