#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/bytes.hpp>
#include <mailpod/base/member_id.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>

namespace mailpod::queue {

/// Names one entry of the queue for its whole life; 32 hexadecimal digits in file names and on the command line.
struct EntryId {
  base::ByteArray<16> bytes{};

  std::string str() const { return base::hex(base::octets(bytes)); }
  static std::optional<EntryId> parse(std::string_view digits);
  friend auto operator<=>(const EntryId&, const EntryId&) = default;
};

/// When a recipient's sender wants to hear. RFC 3461 §4.1. Bits are stored: never renumber. 0 is "not said".
struct Notify {
  static constexpr std::uint8_t never = 1, success = 2, failure = 4, delay = 8;
};

/// How much a delivery status notification returns. RFC 3461 §4.3. Stored: never renumber.
enum class Return : std::uint8_t { unspecified = 0, full = 1, headers = 2 };

/// Stored: never renumber.
enum class Body : std::uint8_t { seven_bit = 0, eight_bit = 1, binary = 2 };

/// Where one recipient's copy stands. Stored: never renumber. An entry may come into the queue with recipients that are
/// done: a copy that is in a mailbox here already is `delivered` without a last_host, an alias that became several
/// recipients `expanded`, so that their sender hears of them as NOTIFY asks (RFC 3461 §5.2.3, §5.2.7.3).
enum class RecipientState : std::uint8_t { pending = 0, delivered = 1, failed = 2, expanded = 3 };

/// Which mail for one destination goes first. RFC 6710 §4 leaves the levels to us; what a member asked for by
/// MT-PRIORITY stands as asked.
struct Priority {
  static constexpr std::int8_t member = 0;   ///< what one person writes to others
  static constexpr std::int8_t list = -2;    ///< what goes to many because they asked for it
  static constexpr std::int8_t report = -3;  ///< what this server itself says to other domains
  static constexpr std::int8_t bulk = -6;    ///< what can wait for all others
};

struct Recipient {
  std::string address;             ///< forward path without brackets
  std::string original_recipient;  ///< ORCPT as given, `rfc822;xtext`; empty if not given. RFC 3461 §4.2
  std::uint8_t notify = 0;         ///< Notify bits
  RecipientState state = RecipientState::pending;
  /// The submitter has heard how it ended, or the host that took it has promised to tell; only of a recipient that is
  /// no longer pending.
  bool told = false;
  std::uint32_t attempts = 0;
  std::optional<base::Time> last_attempt;
  std::string last_reply;  ///< of the peer, as it came, at most 1,000 octets
  std::string last_host;   ///< who said so; empty: we
  friend bool operator==(const Recipient&, const Recipient&) = default;
};

/// A message that waits to be sent, and all that is known of its way so far. docs/queue-format.md.
struct Entry {
  EntryId id;
  base::Time arrival;                 ///< when it was accepted
  base::Time next_try;                ///< whole seconds; readable at rest, as `queue list` shows it
  std::optional<base::Time> expires;  ///< when it is given up; DELIVERBY and retry policy
  std::optional<MemberId> submitter;  ///< who may be told of failure; nothing for mail from outside
  bool sender_authenticated =
      false;  ///< mail from outside whose sender passed aligned authentication: may be bounced to

  std::string reverse_path;  ///< without brackets; empty for <>
  std::string envelope_id;   ///< ENVID, xtext as given. RFC 3461 §4.4
  Return return_content = Return::unspecified;
  Body body = Body::seven_bit;
  bool require_tls = false;   ///< REQUIRETLS. RFC 8689
  bool tls_optional = false;  ///< `TLS-Required: No`: no policy of TLS keeps it, unless require_tls. RFC 8689 §5
  bool smtp_utf8 = false;     ///< SMTPUTF8. RFC 6531
  bool held = false;          ///< an administrator's: not tried until released
  bool braked = false;        ///< held, together with all that its submitter sent: delivery::Brake
  bool passed_on = false;     ///< came from outside and goes on as it came: nobody here vouches for what it says
  bool delay_told = false;    ///< the submitter has heard that it takes long
  std::int8_t priority = 0;   ///< MT-PRIORITY -9…9. RFC 6710
  std::string pinned_route;  ///< `host`, `[address]`, either with `:port`: send there, whatever MX says; empty: ask DNS
  std::vector<Recipient> recipients;

  std::uint64_t size = 0;              ///< octets of the message
  base::ByteArray<32> message_key{};   ///< opens the message file; set by Spool::put
  base::ByteArray<32> message_hash{};  ///< SHA-256 of the message; set by Spool::put

  friend bool operator==(const Entry&, const Entry&) = default;
};

/// The entry is due at once. Its next_try is another than before: an attempt under way sees that one more is asked for.
void try_at_once(Entry& entry, base::Time now);

/// Whether a text can be an entry's pinned_route.
bool is_pinned_route(std::string_view text);

/// The plaintext that an entry seals, version 1; frozen. docs/queue-format.md, "The entry".
std::string encode(const Entry& entry);
/// What encode wrote, `id` and `next_try` excepted: they stand in clear. Errors: Errc::damaged, Errc::unknown_version.
Result<Entry> decode(std::string_view octets);

}  // namespace mailpod::queue
