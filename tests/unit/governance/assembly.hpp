#pragma once

#include <mailpod/governance/roster.hpp>

#include "simulation/community.hpp"

namespace mailpod::governance {

/// A community of members who hold citizen keys: makes, for tests, the acts that register these, votes and ballots.
class Assembly : public simulation::Community {
public:
  explicit Assembly(std::size_t maintainers = 1, std::uint32_t threshold = 1)
      : simulation::Community(maintainers, threshold) {
    charter.votes.notice_days = 0;
  }

  /// The acts that admit `count` members and register their keys.
  std::vector<SignedFile> enrolment(std::size_t count) {
    std::vector<SignedFile> out;
    for (std::size_t i = 0; i < count; ++i) {
      members.push_back(newcomer());
      citizens.push_back(crypto::minisign::SecretKey::random(arena, entropy));
      out.push_back(sign(admission(members.back(), {}, std::to_string(members.size()) + "@pod.lab")));
      out.push_back(sign(registration(members.back(), citizens.back().public_key())));
    }
    return out;
  }
  Act registration(MemberId member, const crypto::minisign::PublicKey& key) {
    auto out = act(Act::Kind::set_citizen_key, member);
    out.citizen_key = key;
    return out;
  }

  Vote vote(Vote::Kind kind) {
    Vote out;
    out.kind = kind;
    out.pod = charter.pod;
    out.charter = charter.seq;
    out.nonce = entropy.bytes<16>();
    out.issued = base::from_seconds(base::to_seconds(clock.now()));
    out.closes = out.issued + std::chrono::days(7);
    out.title = "A vote";
    if (kind == Vote::Kind::amendment) out.amendment = Hash{1};
    if (kind == Vote::Kind::expulsion) out.member = members.at(0);
    return out;
  }
  /// Of these candidates, who will sign with keys of their own.
  Vote election(const std::vector<std::string>& options, std::uint32_t seats) {
    auto out = vote(Vote::Kind::election);
    out.seats = seats;
    out.term_to = out.closes + std::chrono::days(365);
    for (const auto& option : options) {
      candidates.push_back(crypto::minisign::SecretKey::random(arena, entropy));
      out.candidates.push_back({option, option, candidates.back().public_key(), std::nullopt});
    }
    return out;
  }
  SignedFile opening(const Vote& vote, std::vector<std::size_t> signers = {}) const {
    return sign(write_vote(vote), std::move(signers));
  }
  /// Of the member with this index.
  SignedFile ballot(std::size_t voter, const Hash& vote, decltype(Ballot::choice) choice) {
    const auto now = base::from_seconds(base::to_seconds(clock.now()));
    return signed_ballot(voter, {charter.pod, charter.seq, vote, now, std::move(choice)});
  }
  SignedFile signed_ballot(std::size_t voter, const Ballot& given) const {
    const auto octets = write_ballot(given);
    return {"a ballot", octets, {governance::sign(citizens.at(voter), octets, "a ballot").value()}};
  }

  std::vector<MemberId> members;
  std::vector<crypto::minisign::SecretKey> citizens;    ///< of each member
  std::vector<crypto::minisign::SecretKey> candidates;  ///< in the order of elections and their options
};

}  // namespace mailpod::governance
