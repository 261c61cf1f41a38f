#include <mailpod/crypto/minisign.hpp>

#include <stdexcept>

#include <gtest/gtest.h>
#include <sodium.h>

#include "program.hpp"
#include "simulation/entropy.hpp"

namespace mailpod::crypto::minisign {
namespace {

class Minisign : public testing::Test {
protected:
  KeyArena arena_;
  simulation::Entropy entropy_;
  SecretKey key_ = SecretKey::random(arena_, entropy_);
  std::string text_ = sign_file(key_, "content", "a trusted comment");

  Errc error_of(const std::string& text) {
    const auto parsed = parse_signature(text);
    return parsed ? Errc{} : static_cast<Errc>(parsed.error().value());
  }
  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    std::size_t begin = 0;
    for (auto end = text_.find('\n'); end != std::string::npos; end = text_.find('\n', begin)) {
      all.push_back(text_.substr(begin, end - begin));
      begin = end + 1;
    }
    return all;
  }
  static std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) text += line + "\n";
    return text;
  }
};

TEST_F(Minisign, VerifiesWhatItSigned) {
  const auto signature = parse_signature(text_);
  ASSERT_TRUE(signature);
  EXPECT_EQ(signature->trusted_comment, "a trusted comment");
  EXPECT_EQ(signature->file(), text_);
  EXPECT_TRUE(verify(key_.public_key(), "content", *signature));
}

TEST_F(Minisign, TellsWhatIsWrong) {
  auto signature = parse_signature(text_).value();
  EXPECT_EQ(verify(key_.public_key(), "Content", signature).error(), Errc::bad_signature);
  EXPECT_EQ(verify(SecretKey::random(arena_, entropy_).public_key(), "content", signature).error(), Errc::wrong_key);
  auto same_id = SecretKey::random(arena_, entropy_).public_key();
  same_id.id = signature.id;
  EXPECT_EQ(verify(same_id, "content", signature).error(), Errc::bad_signature);
  signature.trusted_comment += "!";
  EXPECT_EQ(verify(key_.public_key(), "content", signature).error(), Errc::bad_comment_signature);
}

TEST_F(Minisign, RefusesALegacySignature) {
  auto all = lines();
  all[1].replace(0, 2, "RW");  // "Ed" for "ED"
  EXPECT_EQ(error_of(joined(all)), Errc::legacy_algorithm);
  all[1].replace(0, 2, "QU");
  EXPECT_EQ(error_of(joined(all)), Errc::unknown_algorithm);
}

TEST_F(Minisign, RefusesBase64ThatIsNotCanonical) {
  auto all = lines();
  all[3][85] = static_cast<char>(all[3][85] + 1);  // bits that the padding makes void
  EXPECT_EQ(error_of(joined(all)), Errc::bad_base64);
  all = lines();
  all[3].pop_back();
  EXPECT_EQ(error_of(joined(all)), Errc::bad_base64);
  all = lines();
  all[1] += " ";
  EXPECT_EQ(error_of(joined(all)), Errc::bad_base64);
  all = lines();
  all[1][10] = '-';
  EXPECT_EQ(error_of(joined(all)), Errc::bad_base64);
  all = lines();
  all[1] = "AAAA";
  EXPECT_EQ(error_of(joined(all)), Errc::bad_length);
  all[1] = "";
  EXPECT_EQ(error_of(joined(all)), Errc::bad_length);
  all[1] = std::string(100'000, 'A');
  EXPECT_EQ(error_of(joined(all)), Errc::bad_length);
}

TEST_F(Minisign, RefusesMoreOrFewerLines) {
  EXPECT_EQ(error_of(text_ + "\n"), Errc::extra_line);
  EXPECT_EQ(error_of(text_ + "x"), Errc::extra_line);
  EXPECT_EQ(error_of(text_.substr(0, text_.size() - 1)), Errc::missing_line);
  EXPECT_EQ(error_of(""), Errc::missing_line);
  auto all = lines();
  all.pop_back();
  EXPECT_EQ(error_of(joined(all)), Errc::missing_line);
}

TEST_F(Minisign, RefusesWindowsLineEndsAndByteOrderMarks) {
  auto all = lines();
  all[0] += "\r";
  EXPECT_EQ(error_of(joined(all)), Errc::carriage_return);
  EXPECT_EQ(error_of("\xef\xbb\xbf" + text_), Errc::byte_order_mark);
}

TEST_F(Minisign, RefusesMalformedComments) {
  auto all = lines();
  all[0] = "untrusted comment:no space";
  EXPECT_EQ(error_of(joined(all)), Errc::bad_comment);
  all = lines();
  all[2] = "trusted comment: tab\there";
  EXPECT_EQ(error_of(joined(all)), Errc::bad_comment);
  all[2] = "trusted comment: " + std::string(max_comment + 1, 'c');
  EXPECT_EQ(error_of(joined(all)), Errc::bad_comment);
  std::swap(all[0], all[2]);
  EXPECT_EQ(error_of(joined(all)), Errc::bad_comment);
}

TEST_F(Minisign, DoesNotSignACommentItWouldNotRead) {
  EXPECT_THROW(sign(key_, "", "two\nlines"), std::invalid_argument);
  EXPECT_THROW(sign(key_, "", std::string(max_comment + 1, 'c')), std::invalid_argument);
  EXPECT_THROW(sign(key_, "", "", "two\nlines"), std::invalid_argument);
}

TEST_F(Minisign, ReadsItsOwnKeys) {
  const auto& public_key = key_.public_key();
  EXPECT_EQ(parse_public_key(public_key.str()).value(), public_key);
  EXPECT_EQ(parse_public_key_file(public_key.file()).value(), public_key);
  EXPECT_EQ(parse_secret_key_file(arena_, key_.file()).value().public_key(), public_key);
}

TEST_F(Minisign, RefusesMalformedKeys) {
  const auto text = key_.public_key().file();
  EXPECT_EQ(parse_public_key_file(text + "\n").error(), Errc::extra_line);
  EXPECT_EQ(parse_public_key("RUQ=").error(), Errc::bad_length);
  EXPECT_EQ(parse_public_key(key_.public_key().str() + "\n").error(), Errc::bad_base64);
  auto other = key_.public_key().str();
  other[0] = 'S';
  EXPECT_EQ(parse_public_key(other).error(), Errc::unknown_algorithm);
  auto secret = key_.file();
  secret[secret.find("AAAAAAA") + 80] = 'x';  // within the key id and the secret
  EXPECT_FALSE(parse_secret_key_file(arena_, secret));
}

TEST_F(Minisign, ReadsOnlyAPublicKeyAndASecretThatBelongTogether) {
  const auto other = SecretKey::random(arena_, entropy_);
  // Ours with the other's public half: the file's octets 2+2+2+32+16+8+32 = 94 onward.
  auto octets = base::Encoder()
                    .fixed(std::string_view("Ed\0\0B2", 6))
                    .fixed(std::string(48, '\0'))
                    .fixed(key_.public_key().id)
                    .fixed(key_.key().seed().octets())
                    .fixed(other.public_key().key)
                    .fixed(std::string(32, '\0'))
                    .take();
  ASSERT_EQ(octets.size(), 158u);
  const Folder folder;
  folder.write("raw", octets);
  const auto encoded = run(folder, {"base64", "-w0", folder.path("raw")});
  ASSERT_EQ(encoded.status, 0) << encoded.output;
  EXPECT_EQ(parse_secret_key_file(arena_, "untrusted comment: x\n" + encoded.output + "\n").error(),
            Errc::malformed_key);
}

/// A secret key file sealed as minisign does, at scrypt's least cost or at one that the fields only claim.
std::string encrypted_file(const SecretKey& key, const std::string& passphrase, std::uint64_t claimed_memory) {
  const auto little_endian = [](std::uint64_t value) {
    std::string octets;
    for (int i = 0; i < 8; ++i) octets.push_back(static_cast<char>(value >> (8 * i) & 0xff));
    return octets;
  };
  const auto raw = [](std::string& octets) { return reinterpret_cast<unsigned char*>(octets.data()); };
  const auto id_and_secret =
      base::Encoder().fixed(key.public_key().id).fixed(key.key().seed().octets()).fixed(key.public_key().key).take();
  auto covered = "Ed" + id_and_secret;
  std::string checksum(32, '\0');
  crypto_generichash(raw(checksum), checksum.size(), raw(covered), covered.size(), nullptr, 0);
  auto sealed = id_and_secret + checksum;
  std::string salt(32, 's');
  std::string mask(sealed.size(), '\0');
  EXPECT_EQ(crypto_pwhash_scryptsalsa208sha256(raw(mask), mask.size(), passphrase.data(), passphrase.size(), raw(salt),
                                               32768, 16777216),
            0);
  for (std::size_t i = 0; i < sealed.size(); ++i) sealed[i] = static_cast<char>(sealed[i] ^ mask[i]);
  auto file = "EdScB2" + salt + little_endian(32768) + little_endian(claimed_memory) + sealed;
  std::string line(sodium_base64_encoded_len(file.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(line.data(), line.size(), raw(file), file.size(), sodium_base64_VARIANT_ORIGINAL);
  line.resize(line.find('\0'));
  return "untrusted comment: minisign encrypted secret key\n" + line + "\n";
}

TEST_F(Minisign, OpensAnEncryptedSecretKeyWithItsPassphraseOnly) {
  const auto text = encrypted_file(key_, "correct horse", 16777216);
  const auto key = parse_secret_key_file(arena_, text, "correct horse");
  ASSERT_TRUE(key) << key.error().message();
  EXPECT_EQ(key->public_key(), key_.public_key());
  EXPECT_EQ(parse_secret_key_file(arena_, text, "wrong horse").error(), Errc::bad_checksum);
  EXPECT_EQ(parse_secret_key_file(arena_, text).error(), Errc::passphrase_needed);
}

TEST_F(Minisign, DoesNoMoreWorkThanMinisignsOwnFilesAskFor) {
  EXPECT_EQ(parse_secret_key_file(arena_, encrypted_file(key_, "p", (1ULL << 30) + 1), "p").error(),
            Errc::excessive_work);
}

// With the program itself.

TEST_F(Minisign, SignsWhatTheProgramVerifies) {
  const Folder folder;
  folder.write("file", "content");
  folder.write("file.minisig", text_);
  const auto verified = run(folder, {"minisign", "-Q", "-V", "-m", folder.path("file"), "-p",
                                     folder.write("key.pub", key_.public_key().file())});
  EXPECT_EQ(verified.status, 0) << verified.output;
  EXPECT_EQ(verified.output, "a trusted comment\n");
  folder.write("file", "other content");
  EXPECT_NE(run(folder, {"minisign", "-V", "-m", folder.path("file"), "-p", folder.path("key.pub")}).status, 0);
}

TEST_F(Minisign, WritesASecretKeyThatTheProgramSignsWith) {
  const Folder folder;
  folder.write("file", "content");
  const auto made = run(folder, {"minisign", "-S", "-s", folder.write("key.sec", key_.file()), "-m",
                                 folder.path("file"), "-t", "theirs"});
  ASSERT_EQ(made.status, 0) << made.output;
  const auto signature = parse_signature(folder.read("file.minisig"));
  ASSERT_TRUE(signature) << signature.error().message();
  EXPECT_EQ(signature->trusted_comment, "theirs");
  EXPECT_TRUE(verify(key_.public_key(), "content", *signature));
}

TEST_F(Minisign, NamesAKeyAsTheProgramDoesWhoseIdBeginsWithAZero) {
  const std::string file =
      "untrusted comment: minisign public key "
      "F72F83E6172584E\nRWROWHJhPvhyD99x4mZ0kk7PpkmEFmOg1G8lqca8uJqNmrsipj+j0gWL\n";
  EXPECT_EQ(parse_public_key_file(file).value().file(), file);
}

TEST_F(Minisign, ReadsTheProgramsKeysAndRefusesItsLegacySignature) {
  const Folder folder;
  folder.write("file", "content");
  const auto made = run(folder, {"minisign", "-G", "-W", "-p", folder.path("key.pub"), "-s", folder.path("key.sec")});
  ASSERT_EQ(made.status, 0) << made.output;
  const auto public_key = parse_public_key_file(folder.read("key.pub"));
  ASSERT_TRUE(public_key) << public_key.error().message();
  EXPECT_EQ(public_key->file(), folder.read("key.pub"));
  const auto secret = parse_secret_key_file(arena_, folder.read("key.sec"));
  ASSERT_TRUE(secret) << secret.error().message();
  EXPECT_EQ(secret->public_key(), *public_key);
  EXPECT_EQ(secret->file(), folder.read("key.sec"));
  ASSERT_EQ(run(folder, {"minisign", "-S", "-l", "-s", folder.path("key.sec"), "-m", folder.path("file")}).status, 0);
  EXPECT_EQ(error_of(folder.read("file.minisig")), Errc::legacy_algorithm);
}

}  // namespace
}  // namespace mailpod::crypto::minisign
