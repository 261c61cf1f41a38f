#include <fstream>

#include <gtest/gtest.h>

#include <mailpod/base/bytes.hpp>
#include <mailpod/message/scanner.hpp>

#include "tree_text.hpp"

namespace mailpod::message {
namespace {

/// Uses every field of the format. tests/formats/structure-1.bin is its encoding, made by version 1 and never made
/// again.
constexpr std::string_view frozen_message =
    "Date: Fri, 21 Nov 1997 09:55:06 -0600\r\nSubject: =?utf-8?Q?frozen?=\r\nFrom: A B <a@b.test>\r\n"
    "Sender: s@b.test\r\nReply-To: r@b.test\r\nTo: Group: <@x.test:c@d.test>, nobody;\r\nCc: cc@b.test\r\n"
    "Bcc: bcc@b.test\r\nIn-Reply-To: <1@x>\r\nMessage-ID: <2@x>\r\nReferences: <0@x> <1@x>\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n"
    "--b\r\nContent-Type: image/png; name*=utf-8'de'%C3%A4.png; x=y\r\nContent-Transfer-Encoding: base64\r\n"
    "Content-ID: <3@x>\r\nContent-Description: picture\r\nContent-MD5: Q2hlY2s=\r\n"
    "Content-Disposition: inline; filename=a.png\r\nContent-Language: de, en\r\nContent-Location: a.png\r\n\r\nAAAA\r\n"
    "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inside\r\n\r\nbody\r\n--b--\r\n";

std::string frozen_octets() {
  std::ifstream file(std::string(MAILPOD_SOURCE_DIR) + "/tests/formats/structure-1.bin", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(StoredStructure, OfVersionOneIsReadForEver) {
  const std::string octets = frozen_octets();
  ASSERT_FALSE(octets.empty());
  const auto structure = decode(octets);
  ASSERT_TRUE(structure);
  EXPECT_EQ(tree_text(structure->root), "multipart/mixed{image/png, message/rfc822{text/plain}}");
  EXPECT_EQ(structure->size, 661U);
  EXPECT_EQ(structure->envelope.subject, "=?utf-8?Q?frozen?=");
  EXPECT_EQ(structure->envelope.to.at(1).adl, "@x.test");
  EXPECT_EQ(structure->sent->zone, std::chrono::minutes(-360));
  EXPECT_EQ(structure->root.children[0].parameters.at(0).value, "ä.png");
  EXPECT_EQ(structure->root.children[1].envelope->subject, "inside");
  EXPECT_EQ(*structure, scan(frozen_message));
}

TEST(StoredStructure, IsWrittenAsVersionOneWroteIt) {
  EXPECT_EQ(base::hex(encode(scan(frozen_message))), base::hex(frozen_octets()));
}

TEST(StoredStructure, IsReadBackAsItWas) {
  for (const std::string_view message : {frozen_message, std::string_view(), std::string_view("\r\n\r\nx")}) {
    const Structure structure = scan(message);
    const auto again = decode(encode(structure));
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, structure);
  }
}

TEST(StoredStructure, KeepsDatesBefore1970) {
  const Structure structure = scan("Date: Thu, 13 Feb 1969 23:32:54 -0330\r\n\r\n");
  EXPECT_EQ(decode(encode(structure))->sent, structure.sent);
}

TEST(StoredStructure, IsNotWrittenBeyondItsLimit) {
  const Structure structure = scan(frozen_message);
  const std::size_t size = encode(structure).size();
  EXPECT_EQ(encode_within(structure, size).value(), encode(structure));
  EXPECT_EQ(encode_within(structure, size - 1).error(), Errc::too_large);
  EXPECT_EQ(encode_within(structure, 0).error(), Errc::too_large);
}

TEST(StoredStructure, OfAnUnknownVersionIsRefused) {
  std::string octets = encode(scan(""));
  octets[0] = 2;
  EXPECT_EQ(decode(octets).error(), Errc::unknown_version);
  EXPECT_EQ(decode("").error(), Errc::malformed_structure);
}

TEST(StoredStructure, CutAnywhereIsRefused) {
  const std::string octets = encode(scan(frozen_message));
  for (std::size_t length = 1; length < octets.size(); ++length) {
    EXPECT_FALSE(decode(std::string_view(octets).substr(0, length))) << length;
  }
  EXPECT_FALSE(decode(octets + '\0'));
}

TEST(StoredStructure, ChangedAnywhereKeepsThePromisesOfPartOrIsRefused) {
  const std::string octets = encode(scan(frozen_message));
  std::size_t refused = 0;
  for (std::size_t at = 1; at < octets.size(); ++at) {
    for (const unsigned bit : {0U, 3U, 7U}) {
      std::string changed = octets;
      changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ (1U << bit));
      const auto structure = decode(changed);
      if (!structure) {
        ++refused;
      } else {
        EXPECT_EQ(broken_promise(structure->root), "") << at;
      }
    }
  }
  EXPECT_GT(refused, 100U);
}

}  // namespace
}  // namespace mailpod::message
