#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/governance/charter.hpp>
#include <mailpod/governance/note.hpp>

namespace mailpod::governance {

/// What a pod says of itself to other pods, as the text of a signed note: where it is reached, by which keys it signs,
/// which charter rules it, and what it takes. docs/http.md, "The card". A value.
struct Card {
  std::string pod;                 ///< the pod's domain
  base::Time issued, expires;      ///< whole seconds; whoever reads it later asks for a newer one
  std::vector<std::string> hosts;  ///< names at which its servers answer, the first first; 1 to 8
  VerifierKey ledger;              ///< signs the ledger's checkpoints, and this card under its own name
  VerifierKey witness;             ///< cosigns those of others
  std::uint64_t charter_seq = 1;   ///< of the charter in force
  Hash charter{};                  ///< its identity
  Charter::Federate policy = Charter::Federate::open;
  std::uint64_t message_octets = 0;  ///< the largest message
  std::uint32_t recipients = 0;      ///< of one message

  /// The text of its note.
  std::string text() const;
  friend bool operator==(const Card&, const Card&) = default;
};

inline constexpr std::size_t largest_card = 16 * 1024;  ///< octets of the whole note

/// The text of a note as a card. parse_card(c.text()) == c, and there are no other octets for it. Errors:
/// note_malformed.
Verdict<Card> parse_card(std::string_view text, std::string_view file_name);

/// By which name a pod's key signs its card: `<domain>/card`.
std::string card_name(std::string_view pod);
/// The card, signed. `key` is that of `ledger`.
Note sign_card(const Card& card, const crypto::SigningKey& key);
/// The card of a note that is signed by `key`, the pod's under whatever name of its own, and is valid at `now`. Errors:
/// note_malformed, wrong_pod (the key is another pod's, or not the one that the card names), note_unsigned,
/// signature_invalid, act_expired (it is too old, or from the future).
Verdict<Card> verify_card(std::string_view octets, const VerifierKey& key, base::Time now, std::string_view file_name);

}  // namespace mailpod::governance
