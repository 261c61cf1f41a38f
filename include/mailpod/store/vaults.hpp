#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include <mailpod/net/alarm.hpp>
#include <mailpod/net/pool.hpp>
#include <mailpod/sasl/credentials.hpp>
#include <mailpod/store/letterbox.hpp>
#include <mailpod/store/vault.hpp>

namespace mailpod::store {

/// A member's folder made ready for mail that cannot be read yet: Maildir/{tmp,new,cur}, log/, slots/. Idempotent,
/// durable.
void make_member_folder(base::Disk& disk, const std::string& folder);

/// A new, empty vault in a member's folder with the standard mailboxes (INBOX, Sent, Drafts, Junk, Trash, Archive, all
/// subscribed, with their special uses) and a fresh drop key. If `earlier_drop_secret` is given, the journal keeps it
/// too, so that what was sealed before enrolment is merged. Returns the card's public drop key. Replaces a log that an
/// unfinished enrolment left. Durable once this returns. Pool.
struct NewVault {
  std::uint32_t drop_key_number;
  base::ByteArray<32> drop_recipient;
};
NewVault create_vault(const Vault::Ports& ports, const std::string& folder, MemberId member,
                      const crypto::VaultKey& key, const crypto::Key* earlier_drop_secret,
                      std::uint32_t drop_key_number);

/// A vault that is open for one or more sessions, with its lane. Held by shared_ptr; sessions run blocking reads with
/// `co_await open->pool().run(f)` and changes with `co_await open->lane().run(f)` (net/pool.hpp).
class OpenVault {
public:
  virtual ~OpenVault() = default;
  virtual Vault& vault() = 0;
  virtual net::Lane& lane() = 0;
  virtual net::Pool& pool() = 0;
  /// The vault was closed under its sessions (Vaults::close, close_all): they end. Any thread. The vault's bells ring
  /// when it happens.
  virtual bool closed() const = 0;
};

/// The vaults that are open. Loop or pool, any thread.
class Vaults {
public:
  struct Settings {
    std::string members;  ///< the pod's members/ folder
    base::ByteArray<32> pod_public_key{};
    /// A vault closes (keys zeroed) so long after its last session; later while the disk takes no flags of its.
    std::chrono::seconds linger{60};
    std::chrono::milliseconds flush_every{500};  ///< flags are durable after that
    Vault::Settings vault;
    /// What a member may keep; none: there is no limit. Any thread, at once.
    std::function<Quota(MemberId)> quota_of{};
    /// What a member's vault holds may have changed. Any thread; returns at once.
    std::function<void(MemberId)> usage_changed{};
    /// How long a vault may be open, whoever uses it; 0, or none: as long as somebody does. Then its sessions end, and
    /// log in anew. Any thread, at once.
    std::function<std::chrono::hours()> longest_open{};
    /// After how many days the charter has messages go; 0, or none: it has none go. Any thread, at once.
    std::function<std::uint32_t()> charter_days{};
    /// So many messages went by the charter's rule. The vault's lane; may block.
    std::function<void(MemberId, std::uint64_t)> went_by_charter{};
    /// Seals what vaults hold when they close; nullptr: each start counts their files anew.
    std::shared_ptr<const crypto::Key> usage_key{};
  };
  virtual ~Vaults() = default;

  /// The member's vault, opened if need be. Begins merging what arrived; waits at most 100 ms for it.
  /// Errors: those of Vault::open; wrong_key if the login carries no key; closed if it stands no longer.
  virtual boost::asio::awaitable<Result<std::shared_ptr<OpenVault>>> open(sasl::Login login) = 0;
  /// What the member's vault holds, open or closed: known, or else counted now from the names and sizes of its files.
  /// Failure of the disk throws std::system_error.
  virtual boost::asio::awaitable<Usage> usage(MemberId member) = 0;
  /// The same where it is known already. Any thread; at once.
  virtual std::optional<Usage> known_usage(MemberId member) const = 0;
  /// Mail was delivered to `member`: if the vault is open it is merged soon. Any thread; returns at once.
  virtual void announce(MemberId member, Arrival arrival) = 0;
  /// Closes the member's vault now; sessions see Errc::closed. Revocation, suspension.
  virtual void close(MemberId member) = 0;
  /// Closes the member's vault, and does `work` while nobody has it open; who wants to open it waits. What it throws is
  /// thrown here.
  virtual boost::asio::awaitable<void> alone(MemberId member, std::function<void()> work) = 0;
  /// What may change while vaults are open: `linger` and `flush_every` for all, `vault` for those opened from now on.
  /// Any thread.
  virtual void set(const Settings& settings) = 0;
  /// Closes everything, for shutdown.
  virtual boost::asio::awaitable<void> close_all() = 0;
};

/// Ports, pool and alarms are borrowed.
std::unique_ptr<Vaults> make_vaults(Vault::Ports ports, net::Pool& pool, Vaults::Settings settings,
                                    net::Alarms& alarms = net::system_alarms());

}  // namespace mailpod::store
