#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mailpod/governance/registry.hpp>

#include "simulation/clock.hpp"
#include "simulation/entropy.hpp"

namespace mailpod::simulation {

/// A community with maintainers who hold keys: makes and signs charters and acts for tests. Deterministic by its seed.
class Community {
public:
  explicit Community(std::size_t maintainers = 1, std::uint32_t threshold = 1, std::uint64_t seed = 1) : entropy(seed) {
    charter.pod = "pod.lab";
    charter.issued = charter.effective = clock.now();
    charter.expires = charter.issued + std::chrono::days(365);
    charter.threshold = threshold;
    for (std::size_t i = 0; i < maintainers; ++i) {
      keys.push_back(crypto::minisign::SecretKey::random(arena, entropy));
      charter.maintainers.push_back({"Maintainer " + std::to_string(i + 1), keys.back().public_key(), charter.issued,
                                     charter.expires, std::nullopt});
    }
  }

  /// Signed by the maintainers with these indices (all if none are named).
  governance::SignedFile sign(std::string octets, std::vector<std::size_t> signers = {}) const {
    governance::SignedFile out{"a file", std::move(octets), {}};
    if (signers.empty()) {
      for (std::size_t i = 0; i < keys.size(); ++i) signers.push_back(i);
    }
    for (const auto i : signers) out.minisigs.push_back(governance::sign(keys[i], out.octets, out.name).value());
    return out;
  }
  governance::SignedFile signed_charter(std::vector<std::size_t> signers = {}) const {
    return sign(governance::write_charter(charter), std::move(signers));
  }
  governance::Hash pin() const { return governance::identity(governance::write_charter(charter)); }
  governance::CharterChain chain() const { return governance::CharterChain::found(signed_charter(), pin()).value(); }

  governance::Act act(governance::Act::Kind kind, MemberId member) {
    governance::Act out;
    out.kind = kind;
    out.pod = charter.pod;
    out.charter = charter.seq;
    out.nonce = entropy.bytes<16>();
    out.issued = base::from_seconds(base::to_seconds(clock.now()));
    out.expires = out.issued + std::chrono::days(7);
    out.member = member;
    return out;
  }
  governance::Act admission(MemberId member, const base::ByteArray<32>& salt = {},
                            std::string_view address = "a@pod.lab") {
    auto out = act(governance::Act::Kind::admit, member);
    out.principal = governance::Principal::member;
    out.address_commitment = governance::address_commitment(salt, address);
    return out;
  }
  governance::Act suspension(MemberId member, std::chrono::hours length) {
    auto out = act(governance::Act::Kind::suspend, member);
    out.until = out.issued + length;
    return out;
  }
  governance::SignedFile sign(const governance::Act& act, std::vector<std::size_t> signers = {}) const {
    return sign(governance::write_act(act), std::move(signers));
  }
  MemberId newcomer() { return MemberId{entropy.bytes<16>()}; }

  Clock clock;
  Entropy entropy;
  crypto::KeyArena arena;
  governance::Charter charter;
  std::vector<crypto::minisign::SecretKey> keys;
};

}  // namespace mailpod::simulation
