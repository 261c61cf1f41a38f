#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <mailpod/governance/charter.hpp>

#include "simulation/community.hpp"

namespace mailpod::governance {
namespace {

using simulation::Community;

Errc refusal(const Community& community, const SignedFile& file) {
  const auto found = CharterChain::found(file, identity(file.octets));
  return found ? Errc{} : found.error().code;
  static_cast<void>(community);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST(Signatures, TwoOfThreeAreEnoughAndOneIsNot) {
  Community community(3, 2);
  EXPECT_EQ(refusal(community, community.signed_charter({0, 1})), Errc{});
  EXPECT_EQ(refusal(community, community.signed_charter({2, 0})), Errc{});
  EXPECT_EQ(refusal(community, community.signed_charter({2})), Errc::below_threshold);
}

TEST(Signatures, OneKeyCountsOnceAndSayingItTwiceRefuses) {
  Community community(3, 2);
  auto file = community.signed_charter({1});
  file.minisigs.push_back(file.minisigs[0]);
  EXPECT_EQ(refusal(community, file), Errc::signature_repeated);
}

TEST(Signatures, WithoutAnyTheFileIsRefused) {
  Community community;
  auto file = community.signed_charter();
  file.minisigs.clear();
  EXPECT_EQ(refusal(community, file), Errc::no_signatures);
}

TEST(Signatures, OfAStrangerRefuseTheFile) {
  Community community;
  Community stranger(1, 1, 2);
  auto file = community.signed_charter();
  file.minisigs.push_back(stranger.sign(file.octets).minisigs[0]);
  EXPECT_EQ(refusal(community, file), Errc::signature_unknown_key);
}

TEST(Signatures, OverAnotherFileRefuseThisOne) {
  Community community;
  auto file = community.signed_charter();
  community.charter.limits.quota_mib = 7;
  file.minisigs = community.signed_charter().minisigs;
  EXPECT_EQ(refusal(community, file), Errc::signature_invalid);
}

TEST(Signatures, WithAnAlteredTrustedCommentRefuse) {
  Community community;
  auto file = community.signed_charter();
  file.minisigs[0] = replaced(file.minisigs[0], "seq=1", "seq=2");
  EXPECT_EQ(refusal(community, file), Errc::trusted_comment_altered);
}

TEST(Signatures, CannotBeRelabelled) {
  Community community;
  auto file = community.signed_charter();
  // A true signature over the same octets, made as something else.
  file.minisigs[0] = crypto::minisign::sign_file(community.keys[0], file.octets, "mailpod ballot pod=pod.lab seq=1");
  EXPECT_EQ(refusal(community, file), Errc::comment_not_of_this_file);
}

TEST(Signatures, OutOfTermDoNotCount) {
  Community community(2, 2);
  community.charter.threshold = 1;
  community.charter.maintainers[0].to = community.charter.issued + std::chrono::days(1);
  const auto first = community.signed_charter({1});
  const auto chain = CharterChain::found(first, community.pin()).value();
  const auto later = community.charter.issued + std::chrono::days(2);
  const auto file = community.sign("type = \"charter\"\n" + write_charter(community.charter).substr(17), {0});
  const auto signers = verified_signers(file, trusted_comment("charter", "pod.lab", 1, identity(file.octets)),
                                        community.charter.maintainers);
  ASSERT_TRUE(signers) << signers.error().text();
  EXPECT_TRUE(require_threshold(file, *signers, community.charter, community.charter.issued));
  EXPECT_EQ(require_threshold(file, *signers, community.charter, later).error().code, Errc::maintainer_out_of_term);
}

TEST(Signatures, OfTheLegacyKindOrConvertedByAnEditorRefuse) {
  Community community;
  auto file = community.signed_charter();
  const auto good = file.minisigs[0];
  // The second line begins with the algorithm: "RU…" is base64 of "ED", "RW…" of the legacy "Ed".
  file.minisigs[0] = replaced(good, "\nRU", "\nRW");
  EXPECT_EQ(refusal(community, file), Errc::signature_legacy);
  file.minisigs[0] = "\xef\xbb\xbf" + good;
  EXPECT_EQ(refusal(community, file), Errc::signature_malformed);
  file.minisigs[0] = replaced(good, "\n", "\r\n");
  EXPECT_EQ(refusal(community, file), Errc::signature_malformed);
}

TEST(Signatures, ComplainAboutEveryFlippedBit) {
  Community community;
  const auto file = community.signed_charter();
  // The first line is an untrusted comment by definition; everything after it counts.
  for (std::size_t i = file.minisigs[0].find('\n'); i < file.minisigs[0].size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = file;
      changed.minisigs[0][i] = static_cast<char>(changed.minisigs[0][i] ^ (1 << bit));
      EXPECT_NE(refusal(community, changed), Errc{}) << i << " bit " << bit;
    }
  }
}

TEST(Signatures, AreAcceptedByDebiansMinisign) {
  ASSERT_EQ(std::system("command -v minisign >/dev/null 2>&1"), 0) << "this test needs Debian's package minisign";
  Community community;
  const auto file = community.signed_charter();
  const auto folder = std::filesystem::temp_directory_path() / "mailpod-minisign-test";
  std::filesystem::create_directories(folder);
  const auto put = [&](const char* name, const std::string& octets) {
    std::ofstream(folder / name, std::ios::binary) << octets;
  };
  put("charter.toml", file.octets);
  put("charter.toml.minisig", file.minisigs[0]);
  const std::string verify = "minisign -Vm " + (folder / "charter.toml").string() + " -P " +
                             community.keys[0].public_key().str() + " >/dev/null 2>&1";
  EXPECT_EQ(std::system(verify.c_str()), 0);
  put("charter.toml", file.octets + "\n");
  EXPECT_NE(std::system(verify.c_str()), 0);
  std::filesystem::remove_all(folder);
}

TEST(Signatures, AreKeptInTheOrderOfTheirKeys) {
  Community community(3);
  const auto a = community.signed_charter({0, 1, 2}).minisigs;
  const auto b = community.signed_charter({2, 0, 1}).minisigs;
  EXPECT_EQ(in_key_order(a), in_key_order(b));
}

}  // namespace
}  // namespace mailpod::governance
