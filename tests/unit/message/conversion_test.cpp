#include <mailpod/message/conversion.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "converted_parts.hpp"
#include "simulation/dice.hpp"

namespace mailpod::message {
namespace {

std::string seven_bit(std::string_view message) {
  std::string out = converted(Transport::seven_bit, message);
  EXPECT_EQ(difference(message, out), "") << message;
  return out;
}

TEST(Conversion, LeavesAloneWhatFits) {
  const base::MemorySource plain("Subject: x\r\n\r\nhello\r\n");
  EXPECT_EQ(converted_for(Transport::seven_bit, plain), nullptr);
  const base::MemorySource wide("Subject: x\r\nContent-Transfer-Encoding: 8bit\r\n\r\nna\xc3\xafve\r\n");
  EXPECT_EQ(converted_for(Transport::eight_bit, wide), nullptr);
}

TEST(Conversion, WritesTextAsQuotedPrintable) {
  EXPECT_EQ(seven_bit("Subject: x\r\n"
                      "MIME-Version: 1.0\r\n"
                      "Content-Type: text/plain; charset=utf-8\r\n"
                      "content-transfer-encoding: 8BIT\r\n"
                      "X-Last: y\r\n"
                      "\r\n"
                      "na\xc3\xafve = \r\n"
                      ".\r\n"),
            "Subject: x\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "X-Last: y\r\n"
            "\r\n"
            "na=C3=AFve =3D=20\r\n"
            "=2E\r\n");
}

TEST(Conversion, LabelsWhatHadNoLabel) {
  EXPECT_EQ(seven_bit("Subject: x\r\n\r\nna\xefve\r\n"),
            "Subject: x\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "MIME-Version: 1.0\r\n"
            "\r\n"
            "na=EFve\r\n");
}

TEST(Conversion, WritesAnythingElseAsBase64AndTheLabelsAroundItFollow) {
  EXPECT_EQ(seven_bit("MIME-Version: 1.0\r\n"
                      "Content-Type: multipart/mixed; boundary=b\r\n"
                      "Content-Transfer-Encoding: 8bit\r\n"
                      "\r\n"
                      "--b\r\n"
                      "Content-Type: image/x; name=a\r\n"
                      "Content-Transfer-Encoding: 8bit\r\n"
                      "\r\n"
                      "\xff\xfe\r\n"
                      "--b\r\n"
                      "Content-Type: text/html\r\n"
                      "Content-Transfer-Encoding: 8bit\r\n"
                      "\r\n"
                      "plain\r\n"
                      "--b--\r\n"),
            "MIME-Version: 1.0\r\n"
            "Content-Type: multipart/mixed; boundary=b\r\n"
            "Content-Transfer-Encoding: 7bit\r\n"
            "\r\n"
            "--b\r\n"
            "Content-Type: image/x; name=a\r\n"
            "Content-Transfer-Encoding: base64\r\n"
            "\r\n"
            "//4=\r\n"
            "--b\r\n"
            "Content-Type: text/html\r\n"
            "Content-Transfer-Encoding: 7bit\r\n"
            "\r\n"
            "plain\r\n"
            "--b--\r\n");
}

TEST(Conversion, GoesIntoEnclosedMessages) {
  const std::string out = seven_bit(
      "MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
      "Subject: inner\r\n\r\nna\xc3\xafve\r\n");
  EXPECT_EQ(out,
            "MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
            "Subject: inner\r\nContent-Transfer-Encoding: quoted-printable\r\nMIME-Version: 1.0\r\n\r\n"
            "na=C3=AFve\r\n");
}

TEST(Conversion, DoesNotTouchWhatIsSignedOrEncrypted) {
  for (const std::string kind : {"signed", "encrypted", "Signed"}) {
    const std::string message = "MIME-Version: 1.0\r\nContent-Type: multipart/" + kind +
                                "; boundary=b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                                "--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                                "na\xc3\xafve\r\n--b--\r\n";
    EXPECT_EQ(seven_bit(message), message);
  }
}

TEST(Conversion, DoesNotEncodeWhatMayNotBe) {
  for (const std::string type :
       {"message/delivery-status", "message/partial; id=a", "multipart/mixed", "multipart/mixed; boundary=c"}) {
    const std::string message = "MIME-Version: 1.0\r\nContent-Type: " + type + "\r\n\r\nna\xc3\xafve\r\n";
    EXPECT_EQ(converted(Transport::seven_bit, message), message) << type;
  }
  const std::string lie = "MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\nna\xc3\xafve\r\n";
  EXPECT_EQ(converted(Transport::seven_bit, lie), lie);
}

TEST(Conversion, EncodesAnInternationalMessageAsAWhole) {
  const std::string out = converted(Transport::seven_bit,
                                    "MIME-Version: 1.0\r\nContent-Type: message/global\r\n\r\n"
                                    "Subject: \xc3\xaf\r\n\r\nx\r\n");
  EXPECT_EQ(out,
            "MIME-Version: 1.0\r\nContent-Type: message/global\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            "U3ViamVjdDogw68NCg0KeA0K");
}

TEST(Conversion, IsNotMisledByALimitOfTheScanner) {
  std::string message;
  for (int i = 0; i < 120; ++i) {
    const std::string boundary = "b" + std::to_string(1000 + i);
    message += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n";
  }
  message += "\r\nna\xc3\xafve\r\n";
  EXPECT_EQ(converted(Transport::seven_bit, message), message);
}

TEST(Conversion, KeepsALineFromLookingLikeABoundary) {
  const std::string dashes = std::string(75, 'x') + "--b--";
  const std::string message =
      "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
      "Content-Type: text/plain\r\n\r\n\xc3\xaf" +
      dashes + "\r\n--b--\r\n";
  EXPECT_EQ(scan(seven_bit(message)).root.children.size(), 1U);
}

TEST(Conversion, MakesLinesOfWhatIsBinary) {
  const std::string message =
      "MIME-Version: 1.0\r\nContent-Type: image/x\r\nContent-Transfer-Encoding: binary\r\n\r\n" +
      std::string("\0\n\r\xff", 4);
  const std::string out = converted(Transport::eight_bit, message);
  EXPECT_TRUE(out.ends_with("Content-Transfer-Encoding: base64\r\n\r\nAAoN/w==")) << out;
  EXPECT_EQ(difference(message, out), "");
  const std::string fits = "MIME-Version: 1.0\r\nContent-Transfer-Encoding: binary\r\n\r\n\xc3\xaf\r\n";
  EXPECT_EQ(converted(Transport::eight_bit, fits),
            "MIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xc3\xaf\r\n");
  const std::string lengthy = "MIME-Version: 1.0\r\nContent-Transfer-Encoding: binary\r\n\r\n" + std::string(999, 'x');
  EXPECT_NE(converted(Transport::eight_bit, lengthy).find("quoted-printable"), std::string::npos);
}

TEST(Conversion, WritesHeaderFieldsInEncodedWordsWhereThatIsRight) {
  EXPECT_EQ(converted(Transport::seven_bit,
                      "Subject: na\xc3\xafve\r\n"
                      "From: \"Jos\xc3\xa9\" <jose@pod.example>, plain@pod.example,\r\n \"A, B\" <ab@pod.example>\r\n"
                      "\r\n"),
            "Subject: =?utf-8?B?bmHDr3Zl?=\r\n"
            "From: =?utf-8?B?Sm9zw6k=?= <jose@pod.example>, plain@pod.example, \"A, B\"\r\n <ab@pod.example>\r\n"
            "\r\n");
  for (const std::string field :
       {"Subject: \xef", "X-Other: \xc3\xaf", "From: jos\xc3\xa9@pod.example", "From: a@pod.example (\xc3\xaf)",
        "To: \xc3\xaf: a@pod.example;", "Content-Type: text/plain; name=\"\xc3\xaf\"", "To: \xc3\xaf"}) {
    const std::string message = field + "\r\n\r\nx\r\n";
    EXPECT_EQ(converted(Transport::seven_bit, message), message);
  }
}

TEST(Conversion, CanBeReadFromAnyPlace) {
  std::string message = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (const std::string type : {"text/plain", "image/x", "text/html"}) {
    message += "--b\r\nContent-Type: " + type + "\r\n\r\n";
    for (int i = 0; i < 20'000; ++i) message += "\xc3\xaf" + std::to_string(i) + "\r\n";
  }
  message += "--b--\r\n";
  const base::MemorySource source(message);
  const auto changed = converted_for(Transport::seven_bit, source);
  const std::string all = octets_of(*changed, 32 * 1024);
  EXPECT_EQ(all.size(), changed->size());
  EXPECT_TRUE(text::is_ascii(all));
  EXPECT_EQ(difference(message, all), "");
  EXPECT_EQ(octets_of(*changed, 7777), all) << "and again";
  simulation::Dice dice(5);
  std::string piece(1000, '\0');
  for (int i = 0; i < 50; ++i) {
    const std::size_t at = dice.below(all.size());
    const std::size_t count = changed->read_at(at, piece);
    ASSERT_EQ(piece.substr(0, count), all.substr(at, 1000)) << at;
  }
  EXPECT_EQ(changed->read_at(all.size(), piece), 0U);
}

TEST(Conversion, SeesEightBitHeadersWhereverTheyAre) {
  const auto has = [](std::string_view message) { return has_eight_bit_header(base::MemorySource(message)); };
  EXPECT_FALSE(has("Subject: x\r\n\r\nna\xc3\xafve\r\n"));
  EXPECT_TRUE(has("Subject: \xc3\xaf\r\n\r\nx\r\n"));
  EXPECT_TRUE(has("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: a/b; name=\xc3\xaf\r\n\r\n"));
  EXPECT_TRUE(has("Content-Type: message/rfc822\r\n\r\nSubject: \xc3\xaf\r\n\r\nx\r\n"));
}

/// Random messages, of pieces that matter to a converter.
TEST(Conversion, LosesNothingWhateverTheMessage) {
  const std::vector<std::string> bits = {"\r\n",
                                         "--b\r\n",
                                         "--b--\r\n",
                                         "--c\r\n",
                                         "--c--\r\n",
                                         "\r\n\r\n",
                                         "\xc3\xaf",
                                         "\xff",
                                         "=",
                                         " \r\n",
                                         "x",
                                         "--",
                                         "Content-Type: multipart/mixed; boundary=b\r\n",
                                         "Content-Type: multipart/digest; boundary=c\r\n",
                                         "Content-Type: message/rfc822\r\n",
                                         "Content-Type: image/x\r\n",
                                         "Content-Type: text/plain; charset=utf-8\r\n",
                                         "Content-Transfer-Encoding: 8bit\r\n",
                                         "Content-Transfer-Encoding: binary\r\n",
                                         "Content-Transfer-Encoding: base64\r\n",
                                         "Subject: \xc3\xaf\r\n",
                                         "MIME-Version: 1.0\r\n",
                                         std::string(80, 'y')};
  simulation::Dice dice(20261129);
  std::size_t changed = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string message = "MIME-Version: 1.0\r\n";
    for (std::size_t i = dice.below(40); i > 0; --i) message += bits[dice.below(bits.size())];
    for (const Transport transport : {Transport::seven_bit, Transport::eight_bit}) {
      const std::string out = converted(transport, message);
      ASSERT_EQ(difference(message, out), "") << message << "\n----\n" << out;
      changed += out != message ? 1 : 0;
    }
  }
  EXPECT_GT(changed, 1000U);
}

TEST(Conversion, LosesNothingOfMessagesThatOthersCollected) {
  namespace fs = std::filesystem;
  const char* const named = std::getenv("MAILPOD_VECTORS");
  const fs::path folder =
      (named != nullptr ? fs::path(named) : fs::path(MAILPOD_SOURCE_DIR) / "../shared/vectors") / "mime";
  if (!fs::exists(folder)) GTEST_SKIP() << "no vectors at " << folder;
  std::size_t seen = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const auto extension = entry.path().extension();
    if (extension != ".msg" && extension != ".eml" && extension != ".txt") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string message{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(difference(message, converted(Transport::seven_bit, message)), "") << entry.path();
    ++seen;
  }
  EXPECT_GT(seen, 50U);
}

}  // namespace
}  // namespace mailpod::message
