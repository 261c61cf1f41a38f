// Any octets as a pod's card. It has one writing only: what parses is written back octet for octet. And nobody's card
// is believed that the pod did not sign.

#include <cstdint>
#include <cstdlib>

#include <mailpod/governance/card.hpp>

namespace {

using namespace mailpod;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  if (const auto card = governance::parse_card(octets, "card"); card.has_value()) {
    require(card->text() == octets);
    require(!card->hosts.empty() && card->hosts.size() <= 8 && card->issued < card->expires);
  }
  governance::VerifierKey nobody{"pod.lab/ledger", governance::VerifierKey::Kind::note, {1}};
  require(!governance::verify_card(octets, nobody, base::from_seconds(1'767'300'000), "card").has_value());
  return 0;
}
