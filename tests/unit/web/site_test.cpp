#include <mailpod/web/site.hpp>

#include <boost/asio/io_context.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "simulation/clock.hpp"
#include "simulation/disk.hpp"
#include "unit/net/on_loop.hpp"

/// The pages of a pod that is not there: its folder has a few files, and its answers are the test's.
namespace mailpod::web {
namespace {

struct ToldPod final : Pod {
  Settings settings() const override { return said; }
  bool serves(std::string_view domain) const override { return domain == "pod.lab" || domain == "added.lab"; }
  Charters charters() const override { return {ruling, accepted}; }
  std::string card() const override { return "a card\n"; }
  void with_witness(const std::function<void(governance::Witness&)>& work) override {
    ++turns;
    if (witness == nullptr) throw std::logic_error("nobody here witnesses");
    work(*witness);
  }

  Settings said;
  governance::Charter ruling;
  std::uint64_t accepted = 1;
  governance::Witness* witness = nullptr;
  int turns = 0;
};

class SiteTest : public testing::Test {
protected:
  SiteTest() {
    pod.said.domain = "pod.lab";
    pod.said.host_name = "mail.pod.lab";
    pod.said.ports.imaps = 993;
    for (const auto* folder : {"g", "g/acts", "g/ledger", "g/ledger/tile", "g/ledger/tile/0", "g/ledger/tile/0/000.p"})
      disk.make_directory(folder);
    write("g/charter-0001.toml", "a charter");
    write("g/charter-0001.0123456789ABCDEF.minisig", "a signature");
    write("g/charter-0001.toml.tmp", "half of one");
    write("g/acts/000001.entry", "an act");
    write_checkpoint(2);
    write("g/ledger/tile/0/000.p/2", std::string(64, 'h'));
    write("g/secret", "a secret");
  }
  /// What somebody signed, it matters not who.
  void write_checkpoint(std::uint64_t leaves) {
    const auto root = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    write("g/ledger/checkpoint",
          fmt::format("pod.lab/ledger\n{}\n{}\n\n\u2014 pod.lab/ledger AAAAAAAA\n", leaves, root));
  }
  void write(const std::string& path, std::string_view octets) { base::replace_file(disk, path, octets); }

  http::Response ask(http::Method method, std::string_view path, std::string host = "pod.lab") {
    const auto parsed = http::parse_path(path);
    if (!parsed) return {400, {}, {}};
    auto found = site.contents().find(method, *parsed);
    if (found.route == nullptr) return {404, {}, {}};
    http::Request request{method, http::Version::http_1_1, std::move(host), *parsed, {}, {}, {}};
    const http::Visit visit{request, found.captured, {}, {}};
    http::Response response;
    net::run([&]() -> net::awaitable<void> {
      auto responding = found.route->respond(visit);
      response = co_await std::move(responding);
    });
    return response;
  }
  http::Response get(std::string_view path, std::string host = "pod.lab") {
    return ask(http::Method::get, path, std::move(host));
  }

  ToldPod pod;
  simulation::Disk disk;
  simulation::Clock clock;
  net::Pool pool{net::Pool::Inline{}};
  Site site{{pod, disk, clock, pool, "g"}};
};

TEST_F(SiteTest, ShowsTheFilesThatItKnowsByName) {
  EXPECT_EQ(get("/.well-known/mailpod/charter/charter-0001.toml").content, "a charter");
  EXPECT_EQ(get("/.well-known/mailpod/charter/charter-0001.0123456789ABCDEF.minisig").content, "a signature");
  EXPECT_EQ(get("/.well-known/mailpod/charter/acts/000001.entry").content, "an act");
  EXPECT_EQ(get("/.well-known/mailpod/ledger/checkpoint").content, base::read_file(disk, "g/ledger/checkpoint", 1000));
  EXPECT_EQ(get("/.well-known/mailpod/ledger/tile/0/000.p/2").content, std::string(64, 'h'));
  EXPECT_EQ(get("/.well-known/mailpod/charter/").content, "charter-0001.0123456789ABCDEF.minisig\ncharter-0001.toml\n");
}

TEST_F(SiteTest, ShowsNothingElse) {
  for (const char* path :
       {"/.well-known/mailpod/charter/secret", "/.well-known/mailpod/charter/charter-0001.toml.tmp",
        "/.well-known/mailpod/charter/charter-01.toml", "/.well-known/mailpod/charter/charter-00001.toml",
        "/.well-known/mailpod/charter/charter-0002.toml",
        "/.well-known/mailpod/charter/charter-0001.0123456789abcdef.minisig",
        "/.well-known/mailpod/charter/acts/1.entry", "/.well-known/mailpod/charter/acts/000000.entry",
        "/.well-known/mailpod/charter/acts/+00001.entry", "/.well-known/mailpod/charter/acts/..%2f..%2fsecret",
        "/.well-known/mailpod/charter/../secret", "/.well-known/mailpod/ledger/secret",
        "/.well-known/mailpod/ledger/tile/0/000.p/3", "/.well-known/mailpod/ledger/tile/0/000",
        "/.well-known/mailpod/ledger/tile/0/0", "/.well-known/mailpod/ledger/tile/0/000.p/02"}) {
    const auto status = get(path).status;
    EXPECT_TRUE(status == 404 || status == 400) << path << " " << status;
  }
}

TEST_F(SiteTest, SaysForHowLongWhatMayBeKept) {
  EXPECT_NE(get("/.well-known/mailpod/ledger/tile/0/000.p/2").fields.find("cache-control")->find("immutable"),
            std::string::npos);
  EXPECT_EQ(*get("/.well-known/mailpod/ledger/checkpoint").fields.find("cache-control"), "public, max-age=10");
}

TEST_F(SiteTest, ShowsNoActThatMayYetBeWithdrawn) {
  write("g/acts/000002.entry", "an act whose append fails later");
  EXPECT_EQ(get("/.well-known/mailpod/charter/acts/000002.entry").status, 404U);
  write("g/acts/000002.entry", "another act");
  write_checkpoint(3);
  EXPECT_EQ(get("/.well-known/mailpod/charter/acts/000002.entry").content, "another act");
  EXPECT_EQ(get("/.well-known/mailpod/charter/acts/000003.entry").status, 404U);
}

TEST_F(SiteTest, ShowsNoCharterThatIsNotAccepted) {
  write("g/charter-0002.toml", "a charter whose entry fails later");
  write("g/charter-0002.0123456789ABCDEF.minisig", "its signature");
  EXPECT_EQ(get("/.well-known/mailpod/charter/charter-0002.toml").status, 404U);
  EXPECT_EQ(get("/.well-known/mailpod/charter/charter-0002.0123456789ABCDEF.minisig").status, 404U);
  EXPECT_EQ(get("/.well-known/mailpod/charter/").content.find("0002"), std::string::npos);
  write("g/charter-0002.toml", "another");
  pod.accepted = 2;
  const auto shown = get("/.well-known/mailpod/charter/charter-0002.toml");
  EXPECT_EQ(shown.content, "another");
  EXPECT_EQ(shown.fields.find("cache-control")->find("immutable"), std::string::npos);
}

TEST_F(SiteTest, KeepsOfTilesThoseThatHaveAFile) {
  std::string bundle;
  for (int i = 0; i < 256; ++i) bundle += std::string("\0\1x", 3);
  disk.make_directory("g/ledger/tile/entries");
  write("g/ledger/tile/entries/000", bundle);
  const auto cut = get("/.well-known/mailpod/ledger/tile/entries/000.p/2");
  EXPECT_EQ(cut.content, bundle.substr(0, 6));
  disk.unlink("g/ledger/tile/entries/000");
  EXPECT_EQ(get("/.well-known/mailpod/ledger/tile/entries/000.p/2").status, 404U);
}

TEST_F(SiteTest, HasAPolicyForEachDomainAtItsOwnHost) {
  EXPECT_EQ(get("/.well-known/mta-sts.txt", "mta-sts.added.lab").content,
            "version: STSv1\r\nmode: testing\r\nmx: mail.pod.lab\r\nmax_age: 86400\r\n");
  for (const char* other : {"added.lab", "mta-sts.other.lab", "mta-sts.mta-sts.pod.lab"})
    EXPECT_EQ(get("/.well-known/mta-sts.txt", other).status, 404U) << other;
}

TEST_F(SiteTest, TellsOfAnotherPolicyByAnotherRecord) {
  const auto before = mta_sts_record(pod.said);
  EXPECT_TRUE(before.starts_with("v=STSv1; id=") && before.ends_with(";") && before.size() <= 12 + 32 + 1) << before;
  EXPECT_EQ(mta_sts_record(pod.said), before);
  pod.said.mta_sts = Settings::MtaSts::enforce;
  EXPECT_NE(mta_sts_record(pod.said), before);
}

TEST_F(SiteTest, NamesWhomToTellOfWeaknesses) {
  const auto contact = [this] {
    const auto content = get("/.well-known/security.txt").content;
    return content.substr(0, content.find('\n'));
  };
  EXPECT_EQ(contact(), "Contact: mailto:postmaster@pod.lab");
  pod.ruling.addresses.roles.push_back({"security", true, {}});
  EXPECT_EQ(contact(), "Contact: mailto:security@pod.lab");
  pod.said.security_contact = "https://pod.lab/report";
  EXPECT_EQ(contact(), "Contact: https://pod.lab/report");
}

TEST_F(SiteTest, TellsMailProgramsOfTheServersThatThereAre) {
  const auto only_imaps = get("/mail/config-v1.1.xml", "autoconfig.added.lab").content;
  EXPECT_NE(only_imaps.find("<port>993</port>"), std::string::npos);
  EXPECT_NE(only_imaps.find("<domain>added.lab</domain>"), std::string::npos);
  EXPECT_EQ(only_imaps.find("pop3"), std::string::npos);
  EXPECT_EQ(get("/mail/config-v1.1.xml", "autoconfig.other.lab").status, 404U);
  EXPECT_EQ(get("/.well-known/mailpod/mail.mobileconfig").status, 404U) << "nobody can send";
}

TEST_F(SiteTest, AsksNobodyToCosignWhatIsNoRequest) {
  EXPECT_EQ(ask(http::Method::post, "/.well-known/mailpod/witness/add-checkpoint").status, 400U);
  EXPECT_EQ(pod.turns, 0);
}

}  // namespace
}  // namespace mailpod::web
