#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <mailpod/base/bytes.hpp>
#include <mailpod/base/disk.hpp>
#include <mailpod/base/log.hpp>
#include <mailpod/base/member_id.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/crypto/keys.hpp>
#include <mailpod/delivery/strangers.hpp>

namespace mailpod::delivery {

/// What is remembered of one of those who write, or are written to. Whom it is about stands nowhere: only a keyed hash.
struct Memory {
  enum class Kind : std::uint8_t { correspondent = 1, greylisted = 2, domain = 3, network = 4 };  ///< never renumber
  /// The places of `counts`. Never renumber.
  enum Count : std::uint8_t { accepted = 0, junk = 1, refused = 2, unknown_recipients = 3 };

  std::uint64_t first = 0;                ///< seconds since 1970
  std::uint64_t last = 0;                 ///< when `counts` were as they are; of a greylisted one, the last attempt
  std::array<std::uint32_t, 4> counts{};  ///< of domains and networks, in 1/256; of a greylisted one [0] is 1 once it
                                          ///< passed; of a correspondent it is whose, as a number that a hash gives
  friend bool operator==(const Memory&, const Memory&) = default;
};

/// A file's plaintext as a value. docs/strangers.md, "The file".
struct Memories {
  using Tag = base::ByteArray<16>;
  using Table = std::map<Tag, Memory>;

  base::ByteArray<32> secret{};  ///< of the keyed hash
  std::array<Table, 4> tables;   ///< by Kind - 1
  Table& of(Memory::Kind kind) { return tables.at(static_cast<std::size_t>(kind) - 1); }
  const Table& of(Memory::Kind kind) const { return tables.at(static_cast<std::size_t>(kind) - 1); }
  friend bool operator==(const Memories&, const Memories&) = default;
};
/// At most so many of each kind; whoever was not seen for longest is forgotten.
std::size_t most_remembered(Memory::Kind kind);
/// Version 1; frozen.
std::string encode(const Memories& memories);
/// What encode wrote, or nothing.
std::optional<Memories> decode_memories(std::string_view octets);

/// What the pod remembers of strangers, and of whom its members wrote to: a cache. It lies in memory, and sealed in one
/// file; whoever loses it asks some senders to come again, and nothing else. Any thread.
class Acquaintances {
public:
  /// Borrowed; outlives it.
  struct Ports {
    base::Disk& disk;
    base::Clock& clock;
    base::Entropy& entropy;
    base::Log& log;
    std::function<crypto::Key()> key;  ///< that the file is sealed with, as it is now
  };
  /// Reads the file at `path`, if there is one; what cannot be read is forgotten, and the log says so.
  Acquaintances(Ports ports, std::string path);

  /// A member's own address, and somebody else's.
  struct Pair {
    std::string_view own;
    std::string_view theirs;
  };
  /// The member wrote to this address under this one: for a year it is known to them, under that one.
  void wrote_to(MemberId member, const Pair& pair);
  bool has_written_to(MemberId member, const Pair& pair) const;

  /// Somebody from `origin`, a network or domain, brings mail from `sender` for `recipient`. How long they are still to
  /// wait; zero: no more. Nobody waits whom there is no room to remember.
  std::chrono::seconds greylist(std::string_view origin, std::string_view sender, std::string_view recipient,
                                const StrangerRules& rules);

  /// What was made of mail: counts of the last weeks, of which half is gone after two.
  struct Repute {
    double accepted = 0;
    double bad = 0;  ///< junk, refused, or to recipients that there are not
  };
  void note(Memory::Kind kind, std::string_view whom, Memory::Count what);
  Repute repute(Memory::Kind kind, std::string_view whom) const;

  /// Writes the file, if anything has changed since. Blocking. I/O failure throws std::system_error.
  void save();

private:
  Memories::Tag tag(Memory::Kind kind, std::string_view whom) const;
  Memory& remembered(Memory::Kind kind, const Memories::Tag& tag);
  void make_room_for(std::uint32_t member);
  bool has_room_to_wait(const StrangerRules& rules);
  std::uint64_t now() const;

  Ports ports_;
  std::string path_;
  std::mutex saving_;
  mutable std::mutex mutex_;  ///< of what follows
  Memories memories_;
  bool changed_ = false;
  std::uint64_t full_until_ = 0;  ///< attempts are; nobody looks again before
};

}  // namespace mailpod::delivery
