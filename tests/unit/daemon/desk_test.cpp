// What the desk says when something fails that no operation expects.

#include <boost/system/system_error.hpp>

#include "members_desk.hpp"

namespace mailpod::daemon {
namespace {

class Fails final : public admin::KeyKeeper {
public:
  governance::Verdict<std::string> rotate_server_key() override {
    return Result<std::string>(make_error_code(boost::system::errc::io_error)).value();
  }
};

using Desk = MembersDesk;

TEST_F(Desk, AnswersWhateverIsThrown) {
  Fails keys;
  auto premises = pod->premises(nullptr);
  premises.keys = &keys;
  admin::Desk failing(premises);
  json request{{"operation", "server-key.rotate"}, {"arguments", json::object()}};
  const auto reply = failing.serve(request);
  ASSERT_TRUE(reply.contains("complaint")) << reply;
  EXPECT_FALSE(reply.at("complaint").at("what").get<std::string>().empty());
  EXPECT_TRUE(ask("charter.show", json::object()).contains("answer")) << "and the next one as ever";
}

}  // namespace
}  // namespace mailpod::daemon
