#include <boost/asio/io_context.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <mailpod/web/site.hpp>

#include "unit/governance/ledger_household.hpp"
#include "unit/net/on_loop.hpp"

/// Logs that ask a pod to cosign, by the statuses of c2sp.org/tlog-witness.
namespace mailpod::web {
namespace {

using governance::ConsistencyProof;
using governance::Note;
using governance::Witness;

struct WatchingPod final : Pod {
  explicit WatchingPod(Witness& theirs) : witness(theirs) {}
  Settings settings() const override { return {}; }
  bool serves(std::string_view) const override { return false; }
  Charters charters() const override { return {}; }
  std::string card() const override { return {}; }
  void with_witness(const std::function<void(Witness&)>& work) override { work(witness); }
  Witness& witness;
};

class WitnessPageTest : public governance::LedgerHousehold {
protected:
  WitnessPageTest() : books(open(disk)) {
    record(books, 5);
    elsewhere.make_directory("b");
  }

  /// Somebody told the witness whose ledger it is.
  void introduce() {
    ASSERT_TRUE(witness.cosign({books.ledger->checkpoint().str(), {}, books.ledger->verifier_key(), "checkpoint"}));
  }
  http::Response ask(const ConsistencyProof& proof) {
    auto path = http::parse_path("/.well-known/mailpod/witness/add-checkpoint").value();
    auto found = site.contents().find(http::Method::post, path);
    http::Request request{http::Method::post, http::Version::http_1_1, "b.lab", std::move(path), {}, {}, {}};
    request.content = write_proof(proof);
    const http::Visit visit{request, found.captured, {}, {}};
    http::Response response;
    net::run([&]() -> net::awaitable<void> {
      auto responding = found.route->respond(visit);
      response = co_await std::move(responding);
    });
    return response;
  }
  ConsistencyProof since(std::uint64_t old_size) { return books.ledger->prove_since(old_size).value(); }

  Books books;
  crypto::SigningKey own{crypto::SigningKey::random(community.arena, community.entropy)};
  simulation::Disk elsewhere;
  Witness witness{{elsewhere, community.clock, "b/witnessed", "b.lab", own}};
  WatchingPod pod{witness};
  net::Pool pool{net::Pool::Inline{}};
  Site site{{pod, elsewhere, community.clock, pool, "g"}};
};

TEST_F(WitnessPageTest, CosignsWhatGrewOutOfWhatWasSeen) {
  introduce();
  record(books, 4);
  const auto answer = ask(since(6));
  EXPECT_EQ(answer.status, 200U);
  EXPECT_TRUE(answer.content.starts_with("\u2014 b.lab/witness ")) << answer.content;
  EXPECT_EQ(ask(since(10)).status, 200U) << "the same again";
}

TEST_F(WitnessPageTest, KnowsNothingOfALedgerThatNobodyNamed) {
  EXPECT_EQ(ask(since(6)).status, 404U);
}

TEST_F(WitnessPageTest, SaysNothingOfWhatItSawToWhomTheLedgerIsNot) {
  introduce();
  auto proof = since(3);  // also not what was seen
  const auto stranger = crypto::SigningKey::random(community.arena, community.entropy);
  const std::string text = books.ledger->checkpoint().text;
  proof.checkpoint = Note{text, {governance::sign_note(stranger, "pod.lab/ledger", text)}}.str();
  const auto answer = ask(proof);
  EXPECT_EQ(answer.status, 403U);
  EXPECT_EQ(answer.content.find('6'), std::string::npos) << answer.content;
}

TEST_F(WitnessPageTest, SaysWhatItSawWhereTheLogBelievesOtherwise) {
  introduce();
  for (const std::uint64_t believed : {0U, 3U}) {
    const auto answer = ask(since(believed));
    EXPECT_EQ(answer.status, 409U) << believed;
    EXPECT_EQ(answer.content, "6\n");
    EXPECT_EQ(*answer.fields.find("content-type"), "text/x.tlog.size");
  }
}

TEST_F(WitnessPageTest, RefusesAProofThatProvesNothing) {
  introduce();
  record(books, 4);
  auto wrong = since(6);
  wrong.hashes.front().front() ^= 1;
  EXPECT_EQ(ask(wrong).status, 422U);
  auto beyond = since(6);
  beyond.old_size = 11;
  EXPECT_EQ(ask(beyond).status, 400U);
}

TEST_F(WitnessPageTest, BeginsWithNothingWhereNothingWasSeen) {
  const std::string text = fmt::format("pod.lab/ledger\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
  ASSERT_TRUE(witness.cosign({Note{text, {governance::sign_note(key, "pod.lab/ledger", text)}}.str(),
                              {},
                              books.ledger->verifier_key(),
                              "checkpoint"}));
  const auto answer = ask(since(3));
  EXPECT_EQ(answer.status, 409U);
  EXPECT_EQ(answer.content, "0\n");
  EXPECT_EQ(ask(since(0)).status, 200U);
}

}  // namespace
}  // namespace mailpod::web
