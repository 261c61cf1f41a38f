#include "checks/checks.hpp"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <simulation/clock.hpp>
#include <simulation/resolver.hpp>

#include "certificate.hpp"

namespace mailpod::daemon {
namespace {

/// `OK what` …, one a line, advice left out.
std::string lines(const Findings& findings) {
  std::string out;
  for (const auto& finding : findings.all()) {
    out += finding.kind == Findings::Kind::ok ? "OK " : finding.kind == Findings::Kind::note ? "NOTE " : "FAULT ";
    out += finding.what + "\n";
  }
  return out;
}

class Dns : public testing::Test {
protected:
  Dns() {
    resolver.mx_records["coop.example"] = {{{10, "mail.coop.example"}}, false, 60};
    resolver.address_records[{"mail.coop.example", net::Family::ipv4}] = {{"192.0.2.10"}, false, 60};
    resolver.ptr_records["192.0.2.10"] = {{"mail.coop.example"}, false, 60};
    resolver.txt_records["coop.example"] = {{"v=spf1 mx -all", "other"}, false, 60};
    resolver.txt_records["_dmarc.coop.example"] = {{"v=DMARC1; p=none"}, false, 60};
  }
  std::string found() {
    Findings findings;
    boost::asio::io_context loop;
    boost::asio::co_spawn(loop, check_dns(findings, resolver, published, {"192.0.2.10"}),
                          [](std::exception_ptr failure) {
                            if (failure) std::rethrow_exception(failure);
                          });
    loop.run();
    EXPECT_FALSE(findings.any_fault());
    return lines(findings);
  }
  simulation::Resolver resolver;
  Published published{{"coop.example"}, "mail.coop.example", {}, {}};
};

TEST_F(Dns, IsWellWhereAllRecordsLeadToUs) {
  EXPECT_EQ(found(),
            "OK mail for coop.example is sent to mail.coop.example\n"
            "OK coop.example has a record v=spf1\n"
            "OK _dmarc.coop.example has a record v=DMARC1\n"
            "OK 192.0.2.10 leads back to mail.coop.example\n");
}

class Lists : public testing::Test {
protected:
  void put(const std::string& name) {
    resolver.address_records[{name, net::Family::ipv4}] = {{"127.0.0.2"}, false, 60};
  }
  std::string found() {
    Findings findings;
    boost::asio::io_context loop;
    boost::asio::co_spawn(loop, check_lists(findings, resolver, {*delivery::parse_block_list("bad.example 4")}),
                          [](std::exception_ptr failure) {
                            if (failure) std::rethrow_exception(failure);
                          });
    loop.run();
    return lines(findings);
  }
  simulation::Resolver resolver;
};

// RFC 5782 §5
TEST_F(Lists, AreAskedForTheAddressesThatAreThereForThat) {
  EXPECT_TRUE(found().starts_with("NOTE the list bad.example does not list 127.0.0.2,"));
  put("2.0.0.127.bad.example");
  EXPECT_EQ(found(), "OK the list bad.example answers\n");
  put("1.0.0.127.bad.example");
  EXPECT_TRUE(found().starts_with("NOTE the list bad.example lists everybody,"));
  resolver.failures["1.0.0.127.bad.example"] = net::Errc::lookup_failed;
  EXPECT_EQ(found(), "NOTE the list bad.example does not answer\n");
}

TEST_F(Dns, IsValidatedUnlessWhatIsSignedCannotBeHad) {
  const auto said = [&] {
    Findings findings;
    boost::asio::io_context loop;
    boost::asio::co_spawn(loop, check_dnssec(findings, resolver), [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    });
    loop.run();
    return lines(findings);
  };
  EXPECT_TRUE(said().starts_with("NOTE DNS does not say")) << "that there is nothing shows nothing";
  resolver.mx_records["ietf.org"].records = {{0, "mail2.ietf.org"}};
  EXPECT_TRUE(said().starts_with("NOTE DNS does not say")) << "nobody vouches for it";
  resolver.mx_records["ietf.org"].authentic = true;
  EXPECT_EQ(said(), "OK DNS answers are validated by DNSSEC\n");
  resolver.failures["ietf.org"] = net::Errc::bogus_answer;
  EXPECT_TRUE(said().starts_with("NOTE the resolver keeps DNSSEC signatures back"));
  resolver.failures["ietf.org"] = net::Errc::lookup_failed;
  EXPECT_TRUE(said().starts_with("NOTE DNS does not say"));
}

TEST_F(Dns, IsNotWellWhereMailGoesElsewhere) {
  resolver.mx_records["coop.example"].records = {{10, "old.example"}};
  EXPECT_TRUE(found().starts_with("NOTE no MX record of coop.example names mail.coop.example\n"));
}

TEST_F(Dns, IsNotWellWithoutAReverseNameOrAtAnotherAddress) {
  resolver.ptr_records.clear();
  resolver.address_records[{"mail.coop.example", net::Family::ipv4}].records = {"192.0.2.11"};
  const auto all = found();
  EXPECT_NE(all.find("NOTE mail.coop.example is at 192.0.2.11, which is no address of this machine\n"),
            std::string::npos);
  EXPECT_NE(all.find("NOTE 192.0.2.11 does not lead back to mail.coop.example\n"), std::string::npos);
}

TEST_F(Dns, IsNotWellWithTwoPoliciesOrNone) {
  resolver.txt_records["coop.example"].records = {"v=spf1 mx", "v=spf1 a"};
  resolver.txt_records.erase("_dmarc.coop.example");
  const auto all = found();
  EXPECT_NE(all.find("NOTE coop.example has 2 records v=spf1\n"), std::string::npos);
  EXPECT_NE(all.find("NOTE _dmarc.coop.example has 0 records v=DMARC1\n"), std::string::npos);
}

TEST_F(Dns, IsNotWellWithoutTheKeysThatSign) {
  published.dkim = {{"one._domainkey.coop.example", "v=DKIM1; p=aaaa"},
                    {"two._domainkey.coop.example", "v=DKIM1; p=bbbb"}};
  resolver.txt_records["one._domainkey.coop.example"] = {{"v=DKIM1; p=aaaa"}, false, 60};
  const auto all = found();
  EXPECT_NE(all.find("OK one._domainkey.coop.example is the key that signs\n"), std::string::npos);
  EXPECT_NE(all.find("NOTE two._domainkey.coop.example is not the key that signs\n"), std::string::npos);
}

TEST_F(Dns, IsNotWellWhereNobodyIsToldOfThePolicy) {
  published.mta_sts = "v=STSv1; id=1;";
  resolver.txt_records["_mta-sts.coop.example"] = {{"v=STSv1; id=0;"}, false, 60};
  const auto all = found();
  EXPECT_NE(all.find("NOTE _mta-sts.coop.example does not tell of the MTA-STS policy that is served\n"),
            std::string::npos);
  EXPECT_NE(all.find("NOTE mta-sts.coop.example has no address in DNS\n"), std::string::npos);
  resolver.txt_records["_mta-sts.coop.example"] = {{"v=STSv1; id=1;"}, false, 60};
  resolver.address_records[{"mta-sts.coop.example", net::Family::ipv4}] = {{"192.0.2.10"}, false, 60};
  EXPECT_NE(found().find("OK _mta-sts.coop.example tells of the policy that is served\n"), std::string::npos);
}

TEST_F(Dns, ThatDoesNotAnswerIsAskedOnce) {
  resolver.failures["coop.example"] = net::Errc::lookup_failed;
  EXPECT_EQ(found(), "NOTE DNS does not answer for coop.example\n");
  EXPECT_EQ(resolver.asked.size(), 1U);
}

class ACharter : public testing::Test {
protected:
  ACharter() {
    charter.seq = 3;
    charter.threshold = 1;
    charter.members.join = governance::Charter::Join::invitation;
    charter.expires = now + std::chrono::days(100);
    charter.maintainers.push_back({"Ada", {}, now - std::chrono::days(1), now + std::chrono::days(100), {}});
  }
  std::string found() {
    Findings findings;
    check_charter(findings, charter, now);
    return lines(findings);
  }
  base::Time now = base::from_seconds(1'800'000'000);
  governance::Charter charter;
};

TEST_F(ACharter, IsWellFarFromItsEnd) {
  EXPECT_EQ(found(), "OK charter 3 is in force for another 100 days\n");
}

TEST_F(ACharter, WarnsBeforeItsEndAndComplainsAfterwards) {
  charter.expires = now + std::chrono::days(20);
  EXPECT_EQ(found(), "NOTE charter 3 expires in 20 days, and its successor needs 7 days of notice\n");
  charter.expires = now;
  EXPECT_EQ(found(), "FAULT charter 3 has expired: nobody can be admitted or suspended\n");
}

TEST_F(ACharter, WarnsBeforeItsMaintainersTermsEnd) {
  charter.maintainers.front().to = now + std::chrono::days(5);
  EXPECT_EQ(found(),
            "OK charter 3 is in force for another 100 days\n"
            "NOTE the term of maintainer Ada ends in 5 days\n"
            "NOTE within 30 days fewer maintainers are in office than the 1 whose signatures acts need\n");
}

TEST_F(ACharter, WarnsWhereVotesWouldBeWorthNothingOrCannotBeHeld) {
  charter.members.join = governance::Charter::Join::open;
  charter.votes.method = governance::Charter::Method::stv;
  EXPECT_EQ(found(),
            "OK charter 3 is in force for another 100 days\n"
            "NOTE whoever joins may vote, and anybody may join: who makes a hundred addresses has a hundred votes\n"
            "NOTE the charter asks for votes that this version cannot hold: none will be opened\n");
}

TEST(ACertificate, SaysForWhomItIsAndWhoVouches) {
  const auto made = make_self_signed({"mail.coop.example"}, base::from_seconds(1'800'000'000));
  EXPECT_TRUE(is_for(made.certificate, "mail.coop.example"));
  EXPECT_FALSE(is_for(made.certificate, "coop.example"));
  EXPECT_TRUE(is_self_signed(made.certificate));
  EXPECT_FALSE(is_self_signed("nonsense"));
}

}  // namespace
}  // namespace mailpod::daemon
