#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/member_id.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/crypto/keys.hpp>
#include <mailpod/crypto/password_hash.hpp>
#include <mailpod/members/error.hpp>
#include <mailpod/sasl/credentials.hpp>

namespace mailpod::members {

/// Kinds of key slot; stored: never renumber. docs/members-format.md, "Slots".
enum class SlotType : std::uint8_t {
  enrolment = 1,
  password = 2,
  app = 3,
  recovery = 4,
  session = 5,
  send_only = 6,
  guest = 7,
};
using SlotId = base::ByteArray<16>;

/// What lies readable in a slot's file: all but the secrets.
struct SlotLabel {
  SlotId id{};
  SlotType type = SlotType::app;
  MemberId member;    ///< whose vault it opens
  std::string owner;  ///< guest: which channel holds it; else empty. At most 64 octets
  sasl::Scopes scopes = 0;
  std::string name;                   ///< given by its member: "phone"; at most 64 octets of UTF-8
  std::optional<base::Time> expires;  ///< whole seconds
  std::uint32_t last_used = 0;        ///< day since 1970; 0: never
  bool expired(base::Time at) const { return expires && at >= *expires; }
  friend bool operator==(const SlotLabel&, const SlotLabel&) = default;
};

/// One key slot, read from its file but not opened.
struct Slot {
  /// What a seal holds; stored: never renumber.
  enum class Seal : std::uint8_t {
    vault_key = 1,            ///< under the secret's KEK
    vault_key_for_scram = 2,  ///< app: under SCRAM's ClientKey
    server_key = 3,           ///< app: SCRAM's ServerKey under its ClientKey
    first_drop_key = 4,       ///< enrolment: opens what came before enrolment
    second_factor = 5,        ///< password: what its member's one-time codes are made from
  };
  struct Sealed {
    Seal what;
    std::string octets;  ///< nonce | ciphertext | tag
    friend bool operator==(const Sealed&, const Sealed&) = default;
  };
  SlotLabel label;
  std::string parameters;  ///< per type; authenticated with each seal
  std::vector<Sealed> seals;
  const Sealed* find(Seal what) const;
  friend bool operator==(const Slot&, const Slot&) = default;
};
/// docs/members-format.md, "Slots". parse_slot(write_slot(s)) == s.
std::string write_slot(const Slot& slot);
/// Errors: damaged. Every changed bit is noticed: what the seals do not authenticate, the file's checksum covers.
Result<Slot> parse_slot(std::string_view octets);

/// How the directory knows a slot again: by its id and by all of its file but the last-use day, so that an older file
/// of the same slot is not taken for it. An enrolment slot is written anew while it is used: its mark is its id alone.
struct SlotMark {
  SlotId id{};
  base::ByteArray<16> digest{};
  friend auto operator<=>(const SlotMark&, const SlotMark&) = default;
  bool is_enrolment() const { return digest == base::ByteArray<16>{}; }
};
SlotMark mark_of(const Slot& slot);
/// The slots of a member that count, ascending, none twice.
using SlotRoll = std::vector<SlotMark>;

/// What a secret looks like, before any work is spent on it.
enum class SecretShape {
  app_password,  ///< `mp-…`, right length, check character right
  mistyped_app_password,
  human,
};
SecretShape shape_of(std::string_view secret);

/// A folder members/<id>/slots. Blocking; I/O failure throws std::system_error.
class SlotFolder {
public:
  SlotFolder(base::Disk& disk, std::string folder) : disk_(disk), folder_(std::move(folder)) {}
  struct Listing {
    std::vector<Slot> slots;           ///< by id
    std::vector<std::string> damaged;  ///< file names
  };
  /// A slot that belongs to another member, or whose file bears another name, is damaged.
  Listing list(MemberId member) const;
  /// Durable; replaces a slot of the same id.
  void write(const Slot& slot);
  void remove(const SlotId& id);
  bool holds(const SlotId& id) const;

private:
  std::optional<std::string> read(const std::string& path) const;
  base::Disk& disk_;
  std::string folder_;
};

inline constexpr std::size_t most_slots = 64;     ///< of one member
inline constexpr std::size_t longest_roll = 128;  ///< a slot that is replaced is on it twice for a moment

}  // namespace mailpod::members
