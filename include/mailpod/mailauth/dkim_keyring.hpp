#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/log.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/crypto/keys.hpp>
#include <mailpod/crypto/resealing.hpp>
#include <mailpod/mailauth/dkim_key.hpp>

namespace mailpod::mailauth {

/// Where a key stands between being made and being forgotten. Stored: never renumber.
enum class KeyState : std::uint8_t {
  prepared = 1,  ///< to be published; signs nothing yet
  active = 2,    ///< signs, if it is the newest of its kind
  retired = 3,   ///< signs no more, but its record stays published until its last signatures have expired
};

/// One key of a domain.
struct KeyEntry {
  std::string domain;    ///< lower case
  std::string selector;  ///< names it in DNS: `selector._domainkey.domain`
  KeyState state = KeyState::prepared;
  base::Time made;   ///< whole seconds
  base::Time since;  ///< when it came into its state; whole seconds
  std::shared_ptr<const DkimKey> key;

  /// Where its record stands in DNS.
  std::string record_name() const { return selector + "._domainkey." + domain; }
  /// When a retired key may go: its last signatures have expired.
  std::optional<base::Time> removable_at() const;
};

/// Whether to wait for what an orderly rotation waits for.
enum class Haste { orderly, now };

/// The DKIM keys of a pod's domains: a folder of small sealed files, one a key. docs/pod-folder.md, "dkim".
///
/// A folder or file that cannot be read is no failure: its keys are not there, mail goes out without their signatures,
/// and the log says so. Callable from any thread; changes block on the disk, come one at a time and are durable once
/// they return. I/O failure of a change throws std::system_error and leaves everything as it was.
class DkimKeyring {
public:
  struct Ports {
    base::Disk& disk;
    base::Clock& clock;
    base::Entropy& entropy;
    base::Log& log;
    crypto::KeyArena& arena;
    const crypto::Key& server_key;
  };

  /// Reads `folder`, which need not exist and is named by its parent too (`pod/dkim`). Ports outlive the keyring.
  DkimKeyring(const Ports& ports, std::string folder);
  DkimKeyring(const DkimKeyring&) = delete;
  DkimKeyring& operator=(const DkimKeyring&) = delete;

  /// A file that lies there and is no key of this pod's.
  struct Damage {
    std::string file;
    boost::system::error_code reason;  ///< damaged, unknown_version
  };
  /// By domain, then by when they were made.
  std::vector<KeyEntry> list() const;
  /// As of the start.
  std::vector<Damage> damages() const;
  /// What signs mail of a domain now: of each algorithm the newest active key. Empty if there is none.
  std::vector<KeyEntry> signing(std::string_view domain) const;

  /// Makes a key of each algorithm, prepared. `domain` is in lower case, a name without `/`. The selectors say the day.
  std::vector<KeyEntry> prepare(const std::string& domain);
  /// Errors: no_such_key, not_prepared.
  Result<KeyEntry> activate(const std::string& domain, const std::string& selector);
  /// Errors: no_such_key, not_active; unless `now` last_of_its_kind.
  Result<KeyEntry> retire(const std::string& domain, const std::string& selector, Haste haste);
  /// Forgets a key that is prepared or retired. Errors: no_such_key, not_retired; unless `now` still_needed.
  Status remove(const std::string& domain, const std::string& selector, Haste haste);
  /// Takes in a key that was made elsewhere; replaces one of the same selector.
  void put(const KeyEntry& entry);

  /// The keys anew under another server key, beside the old files (`….next`). Changes wait meanwhile.
  std::unique_ptr<crypto::Resealing> reseal(const crypto::Key& server_key);

private:
  class Resealing;
  using Entries = std::vector<KeyEntry>;
  void load();
  void load_domain(const std::string& domain);
  std::string path(const std::string& domain, const std::string& selector) const;
  void make_folders(const std::string& domain);
  unsigned unused_number(const std::string& domain, const std::string& day) const;
  const KeyEntry* find(const std::string& domain, const std::string& selector) const;
  KeyEntry moved(const KeyEntry& entry, KeyState to);
  void publish(Entries entries);
  void save(const KeyEntry& entry);

  Ports ports_;
  std::string folder_;
  crypto::Key sealing_key_;
  std::vector<Damage> damages_;
  std::mutex changing_;
  bool held_ = false;           ///< crypto::Resealing::hold; guarded by changing_
  mutable std::mutex reading_;  ///< of entries_; never held while the disk works
  std::shared_ptr<const Entries> entries_ = std::make_shared<const Entries>();
};

/// What reseal() wrote beside the key files in `folder` takes their place, where the other server key counts; or it is
/// forgotten. Before the keyring is made; durable; does nothing where there is nothing.
void settle_resealed_keys(base::Disk& disk, const std::string& folder);
void forget_resealed_keys(base::Disk& disk, const std::string& folder);

}  // namespace mailpod::mailauth
