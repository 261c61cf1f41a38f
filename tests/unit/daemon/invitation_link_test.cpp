#include <gtest/gtest.h>

#include "invitation_link.hpp"

namespace mailpod::daemon {
namespace {

constexpr governance::InvitationSecret secret{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

TEST(InvitationLink, IsReadAsItWasWritten) {
  const InvitationLink links[] = {{secret, std::nullopt},
                                  {secret, DoorPlace{"mail.example.org", DoorPlace::usual_port}},
                                  {secret, DoorPlace{"pod.lab", 4195}}};
  for (const auto& link : links) {
    const auto text = write_invitation(link);
    const auto read = parse_invitation(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->secret, link.secret);
    ASSERT_EQ(read->door.has_value(), link.door.has_value());
    if (!link.door) continue;
    EXPECT_EQ(read->door->host, link.door->host);
    EXPECT_EQ(read->door->port, link.door->port);
  }
}

TEST(InvitationLink, HasOnlyWhatAQrCodeTakesLeastRoomFor) {
  const auto text = write_invitation({secret, DoorPlace{"mail.example.org", 4195}});
  EXPECT_EQ(text.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"), std::string::npos) << text;
  EXPECT_TRUE(text.starts_with("MAILPOD:MAIL.EXAMPLE.ORG:4195/"));
}

TEST(InvitationLink, ForgivesHowPeopleCopyIt) {
  auto text = write_invitation({secret, DoorPlace{"pod.lab", DoorPlace::usual_port}});
  std::string typed = "  \t";
  for (const char c : text) typed += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  EXPECT_TRUE(parse_invitation(typed + "\r\n"));
  auto code = write_invitation({secret, std::nullopt});
  std::erase(code, '-');
  EXPECT_TRUE(parse_invitation(code));
}

TEST(InvitationLink, RefusesWhatIsNone) {
  const auto code = write_invitation({secret, std::nullopt});
  auto wrong = code;
  wrong[0] = wrong[0] == '7' ? '8' : '7';
  const std::string none[] = {"",
                              " ",
                              wrong,
                              code.substr(0, code.size() - 1),
                              code + "0",
                              "mailpod:" + code,
                              "mailpod:/" + code,
                              "mailpod:pod.lab:0/" + code,
                              "mailpod:pod.lab:70000/" + code,
                              "mailpod:10.0.0.1/" + code,
                              "mailpod:pod lab/" + code,
                              "https://pod.lab/" + code,
                              "mailpod:pod.lab/" + code + "/",
                              std::string(401, ' ') + code};
  for (const auto& typed : none) EXPECT_FALSE(parse_invitation(typed)) << typed;
}

}  // namespace
}  // namespace mailpod::daemon
