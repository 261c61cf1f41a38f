#include <gtest/gtest.h>

#include <mailpod/governance/note.hpp>

#include "simulation/entropy.hpp"

namespace mailpod::governance {
namespace {

/// The note that golang.org/x/mod/sumdb/note shows as its example.
const std::string published_key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const std::string published_note =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\xe2\x80\x94 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
/// The example of c2sp.org/tlog-cosignature.
const std::string published_checkpoint =
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "\xe2\x80\x94 example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "\xe2\x80\x94 witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

class NoteTest : public testing::Test {
protected:
  simulation::Entropy entropy{3};
  crypto::KeyArena arena;
  crypto::SigningKey key = crypto::SigningKey::random(arena, entropy);
  VerifierKey verifier{"pod.lab/ledger", VerifierKey::Kind::note, key.public_key()};
  VerifierKey witness{"b.lab/witness", VerifierKey::Kind::cosignature, key.public_key()};
  const std::string text = Checkpoint{"pod.lab/ledger", {7, Hash{1, 2}}, {}}.text();
};

TEST(PublishedNotes, AreVerified) {
  const auto key = parse_verifier_key(published_key, "key");
  ASSERT_TRUE(key);
  const auto note = parse_note(published_note, "note");
  ASSERT_TRUE(note);
  EXPECT_TRUE(is_signed_by(*note, *key, "note"));
  EXPECT_EQ(note->str(), published_note);
  auto altered = published_note;
  altered[3] = 'Y';
  EXPECT_EQ(is_signed_by(*parse_note(altered, "note"), *key, "note").error().code, Errc::signature_invalid);
}

TEST(PublishedNotes, KeysHaveTheIdsThatTheySay) {
  for (const auto* text :
       {"sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", published_key.c_str()})
    EXPECT_EQ(parse_verifier_key(text, "key").value().str(), text);
  EXPECT_FALSE(parse_verifier_key("sum.golang.org+033de0af+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", "key"));
}

TEST(PublishedNotes, TheCheckpointOfTheStandardIsRead) {
  const auto note = parse_note(published_checkpoint, "note").value();
  EXPECT_EQ(note.str(), published_checkpoint);
  ASSERT_EQ(note.signatures.size(), 2u);
  const auto checkpoint = parse_checkpoint(note.text, "note").value();
  EXPECT_EQ(checkpoint.origin, "example.com/behind-the-sofa");
  EXPECT_EQ(checkpoint.head.size, 20852163u);
  EXPECT_EQ(checkpoint.text(), note.text);
  EXPECT_EQ(base::Decoder(note.signatures[1].signature).u64(), 1679315147u);
  EXPECT_EQ(note.signatures[1].signature.size(), 72u);
}

TEST_F(NoteTest, IsSignedByWhoSignedIt) {
  const Note note{text, {sign_note(key, verifier.name, text)}};
  EXPECT_EQ(parse_note(note.str(), "n").value(), note);
  EXPECT_TRUE(is_signed_by(note, verifier, "n"));
  auto other = verifier;
  other.name = "pod.lab/other";
  EXPECT_EQ(is_signed_by(note, other, "n").error().code, Errc::note_unsigned);
  other = verifier;
  other.key[0] ^= 1;
  EXPECT_EQ(is_signed_by(note, other, "n").error().code, Errc::note_unsigned);
  EXPECT_EQ(is_signed_by(note, witness, "n").error().code, Errc::note_unsigned);
}

TEST_F(NoteTest, ASignatureOfUnknownKeysDoesNoHarmAndOneOfAKnownKeyMustHold) {
  Note note{text, {{"somebody", 5, "xxxxx"}, sign_note(key, verifier.name, text)}};
  EXPECT_TRUE(is_signed_by(note, verifier, "n"));
  note.signatures[1].signature[0] ^= 1;
  EXPECT_EQ(is_signed_by(note, verifier, "n").error().code, Errc::signature_invalid);
}

TEST_F(NoteTest, ACosignatureIsOverTimeAndText) {
  Note note{text, {cosign_note(key, witness.name, text, 1'800'000'000)}};
  EXPECT_EQ(cosigned_at(note, witness, "n").value(), 1'800'000'000u);
  EXPECT_TRUE(is_signed_by(note, witness, "n"));
  note.signatures[0].signature[7] ^= 1;  // the time
  EXPECT_EQ(cosigned_at(note, witness, "n").error().code, Errc::signature_invalid);
  // Nor is a plain signature of the same key one, with a time put before it.
  const auto plain = key.sign(text);
  note.signatures[0].signature = base::Encoder().u64(1'800'000'000).fixed(plain).take();
  EXPECT_EQ(cosigned_at(note, witness, "n").error().code, Errc::signature_invalid);
}

TEST_F(NoteTest, HasOneWritingOnly) {
  const std::string good = Note{text, {sign_note(key, verifier.name, text)}}.str();
  ASSERT_TRUE(parse_note(good, "n"));
  const std::string line = good.substr(text.size() + 1);
  const std::vector<std::string> wrong{
      "",
      "\n",
      text,
      text + line,
      text + "\n",
      "\n" + line,
      good + "\n",
      good.substr(0, good.size() - 1),
      text + "\n" + line + "more\n",
      text + "\n- " + line.substr(4),
      text + "\r\n\n" + line,
      "a\tb\n\n" + line,
      "\xff\n\n" + line,
      text + "\n\xe2\x80\x94 na+me x08go/ZJkuA=\n",
      text + "\n\xe2\x80\x94 na\xe2\x80\x83me x08go/ZJkuA=\n",
      text + "\n\xe2\x80\x94  x08go/ZJkuA=\n",
      text + "\n\xe2\x80\x94 name x08go/ZJkuA\n",
      text + "\n\xe2\x80\x94 name x08goA==\n",
  };
  for (const auto& octets : wrong) EXPECT_EQ(parse_note(octets, "n").error().code, Errc::note_malformed) << octets;
}

TEST_F(NoteTest, TextMayHaveEmptyLinesAndACheckpointMayNot) {
  const std::string free = "one\n\ntwo\n";
  const Note note{free, {sign_note(key, verifier.name, free)}};
  EXPECT_EQ(parse_note(note.str(), "n").value(), note);
  const std::string root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  EXPECT_TRUE(parse_checkpoint("o\n0\n" + root, "n"));
  EXPECT_TRUE(parse_checkpoint("o\n7\n" + root + "extension\n", "n"));
  for (const auto& wrong :
       {"o\n07\n" + root, "\n7\n" + root, "o\n-7\n" + root, std::string("o\n7\n"), "o\n7\n" + root.substr(4),
        "o\n7\n" + root + "\n", "o\n7\n" + root + "x", "o\n18446744073709551615\n" + root})
    EXPECT_FALSE(parse_checkpoint(wrong, "n")) << wrong;
}

}  // namespace
}  // namespace mailpod::governance
