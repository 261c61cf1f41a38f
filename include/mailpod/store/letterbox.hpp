#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/log.hpp>
#include <mailpod/base/member_id.hpp>
#include <mailpod/base/octet_source.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/crypto/sign.hpp>
#include <mailpod/message/structure.hpp>
#include <mailpod/store/error.hpp>
#include <mailpod/store/mailbox.hpp>

namespace mailpod::store {

/// A member's public card: what a sender inside the pod needs to seal mail for them. Signed by the pod key.
/// docs/storage-format.md, "card".
struct Card {
  MemberId member;
  std::uint32_t drop_key_number = 0;                     ///< which drop key; rises with `vault rekey`
  base::ByteArray<32> drop_recipient{};                  ///< X25519 public key
  std::optional<base::ByteArray<32>> archive_recipient;  ///< an age recipient whose secret never was on a server
};

/// Reads and checks members/<id>/card. Errors: damaged (also: not signed by the pod key, of another member).
Result<Card> read_card(base::Disk& disk, const std::string& folder, MemberId member,
                       const base::ByteArray<32>& pod_public_key);
/// Its file, octet for octet.
std::string sign_card(const Card& card, const crypto::SigningKey& pod_key);
/// Writes it durably, replacing an older one.
void write_card(base::Disk& disk, const std::string& folder, const Card& card, const crypto::SigningKey& pod_key);

/// One message for one recipient, as delivery decided it.
struct Draft {
  const base::OctetSource& octets;      ///< exact octets to keep, trace fields included; CRLF line ends
  const message::Structure& structure;  ///< of these octets
  std::string reverse_path;             ///< without brackets; empty for <>
  std::string recipient;                ///< the address it was sent to
  base::Time received;
  std::string target_mailbox;  ///< empty: INBOX
  std::uint32_t system_flags = 0;
  std::string authentication_results;  ///< for the record; may be empty
  /// What it is called; nothing: it is drawn. Who may have to deliver again after a crash says it: a vault takes a
  /// message of one id once, for as long as it lives.
  std::optional<MessageId> message = {};
};

/// What an open vault gets handed with an arrival, so that it need not open the file.
struct Arrival {
  MessageId message{};
  std::string record;  ///< the signed record, encoded
  base::ByteArray<16> file_key{};
  base::ByteArray<32> sealed_hash{};  ///< SHA-256 of the sealed file
  std::uint64_t sealed_size = 0;      ///< octets of the sealed file
  std::uint64_t payload_offset = 0;   ///< where the age payload begins in it
};

/// One message on its way into the vaults of one or several members: all of them or none.
///
/// Needs only public keys: whoever holds it can add messages but never read one. Pool; never on a loop or a lane.
/// `prepare` every recipient, then `commit` once. Until commit returns nothing is visible; destroyed without commit
/// every file is unlinked again. After an intent is durable only renames remain, and these are completed at the next
/// start (see complete_intents). I/O failure throws std::system_error.
class Delivery {
public:
  struct Ports {
    base::Disk& disk;
    base::Clock& clock;
    base::Entropy& entropy;
    const crypto::SigningKey& pod_key;
  };
  explicit Delivery(Ports ports);
  ~Delivery();
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  /// Seals `draft` into the tmp/ of `folder` (members/<id>) and syncs the file. Errors: too_big.
  Status prepare(const std::string& folder, const Card& card, const Draft& draft);
  /// Makes every prepared message durable in new/. The arrivals stand in the order of prepare.
  std::vector<Arrival> commit();

private:
  struct Prepared;
  void commit_one();
  void commit_many();
  std::string write_intent(const std::string& octets, const std::vector<std::string>& tmps);
  Ports ports_;
  std::vector<Prepared> prepared_;
};

/// Whether a message of this id lies in `folder` (members/<id>), read or not.
bool holds_message(base::Disk& disk, const std::string& folder, const MessageId& message);

/// At start, before anything is delivered: finishes deliveries whose intent is durable. `members` is the pod's members/
/// folder.
void complete_intents(base::Disk& disk, const std::string& members, base::Log& log);

}  // namespace mailpod::store
