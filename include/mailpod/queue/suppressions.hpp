#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/crypto/keys.hpp>
#include <mailpod/queue/spool.hpp>

namespace mailpod::queue {

/// An administrator's wish that no mail be sent to an address, or to anybody of a domain.
struct Suppression {
  std::string what;                 ///< as parse_suppressed writes it
  base::Time since;                 ///< when it was asked for
  std::optional<base::Time> until;  ///< it ends by itself; nothing: it does not
  std::string reason;               ///< for administrators; may be empty
  friend bool operator==(const Suppression&, const Suppression&) = default;
};

/// An address or a domain in the form in which they are compared: lower case, the domain in A-labels. Local parts are
/// compared without regard to case too: whoever suppresses Bob means bob. Nothing if it is neither; a name without a
/// dot is no domain here, so that a member's name is not taken for one.
std::optional<std::string> parse_suppressed(std::string_view text);
/// Whether `what`, as parse_suppressed writes it, is this recipient or its domain.
bool covers(std::string_view what, std::string_view address);

/// The plaintext of the file `suppressed`, version 1; frozen. Ascending by `what`. docs/queue-format.md.
std::string encode(const std::vector<Suppression>& list);
/// What encode wrote. Errors: Errc::damaged, Errc::unknown_version.
Result<std::vector<Suppression>> decode_suppressions(std::string_view octets);

/// To whom nothing is sent at present. The sealed file `suppressed` in the queue's folder, and a copy in memory.
///
/// A file that cannot be read is left as it is: then nothing is suppressed, the log says so, and list, add and remove
/// answer what is wrong. Any thread; find() does not wait for the disk. I/O failure throws std::system_error and leaves
/// all as it was, or, where a name could not be made durable, either as it was or as asked.
class Suppressions {
public:
  static constexpr std::size_t most = 10'000;
  static constexpr std::size_t longest_reason = 200;  ///< octets

  Suppressions(const Spool::Ports& ports, std::string folder);
  Suppressions(const Suppressions&) = delete;
  Suppressions& operator=(const Suppressions&) = delete;

  /// Those that stand at `now`, ascending by `what`. Errors: damaged, unknown_version.
  Result<std::vector<Suppression>> list(base::Time now) const;
  /// In the place of what was said of the same before; durable once this returns. `wanted.since` is now: what has ended
  /// by then is forgotten. Errors: too_many_suppressed, damaged, unknown_version.
  Status add(const Suppression& wanted);
  /// `what` as parse_suppressed writes it. Errors: not_suppressed (also: it has ended), damaged, unknown_version.
  Status remove(const std::string& what, base::Time now);
  /// Why nothing is sent to this recipient, if that is so: the address's own suppression before its domain's.
  std::optional<Suppression> find(std::string_view address, base::Time now) const;

  /// As Spool::reseal: changes wait.
  std::unique_ptr<crypto::Resealing> reseal(const crypto::Key& server_key);

private:
  class Resealing;
  using List = std::vector<Suppression>;
  Result<List> load() const;
  void store(List list);
  Result<std::shared_ptr<const List>> current() const;

  Spool::Ports ports_;
  std::string folder_;
  std::string path_;
  crypto::Key queue_key_;
  std::mutex change_;         ///< one change at a time
  bool held_ = false;         ///< crypto::Resealing::hold; guarded by change_
  mutable std::mutex mutex_;  ///< of what follows
  Result<std::shared_ptr<const List>> list_;
};

}  // namespace mailpod::queue
