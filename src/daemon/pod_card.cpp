#include "pod_card.hpp"

#include <algorithm>

namespace mailpod::daemon {

governance::Note pod_card(OpenPod& pod, const Configuration& configuration) {
  using governance::VerifierKey;
  constexpr std::chrono::days validity{30};
  const auto now = pod.machine().clock.now();
  const auto roster = pod.registry().gate().roster();
  const auto& charter = roster->charters().at(now);
  const auto& key = pod.pod_key().public_key();
  governance::Card card;
  card.pod = configuration.domain;
  card.issued = std::chrono::floor<std::chrono::days>(now);
  card.expires = card.issued + validity;
  card.hosts = {configuration.name()};
  card.ledger = {governance::ledger_origin(card.pod), VerifierKey::Kind::note, key};
  card.witness = {governance::witness_name(card.pod), VerifierKey::Kind::cosignature, key};
  card.charter_seq = charter.seq;
  card.charter = roster->charters().identity_of(charter.seq);
  card.policy = charter.federation.policy;
  card.message_octets =
      std::min<std::uint64_t>(configuration.message_size, std::uint64_t{charter.limits.message_mib} * 1024 * 1024);
  card.recipients = charter.limits.recipients;
  return governance::sign_card(card, pod.pod_key());
}

}  // namespace mailpod::daemon
