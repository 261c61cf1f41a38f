#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/crypto/keys.hpp>
#include <mailpod/mailauth/mta_sts.hpp>
#include <mailpod/queue/spool.hpp>

namespace mailpod::queue {

/// The MTA-STS policy of a domain as it was fetched. RFC 8461 §3.3.
struct RememberedPolicy {
  std::string domain;  ///< lower case, A-labels
  std::string id;      ///< what DNS called it then
  base::Time fetched;
  mailauth::StsPolicy policy;

  base::Time ends() const { return fetched + policy.max_age; }
  friend bool operator==(const RememberedPolicy&, const RememberedPolicy&) = default;
};

/// The plaintext of the file `policies`, version 1; frozen. Ascending by domain. docs/queue-format.md.
std::string encode(const std::vector<RememberedPolicy>& list);
/// What encode wrote. Errors: Errc::damaged, Errc::unknown_version.
Result<std::vector<RememberedPolicy>> decode_policies(std::string_view octets);

/// How much is remembered. A stranger with a wildcard zone makes as many domains, and as large policies, as there is
/// room for: what is kept has to be read again at every start.
struct PoliciesLimits {
  std::size_t policies = 10'000;
  std::size_t octets = 8 * 1024 * 1024;  ///< of them all, as they are written
};

/// The policies of domains to which mail has gone: the sealed file `policies` in the queue's folder, and a copy in
/// memory. So nobody who keeps a domain's web server or its DNS from us undoes what it once asked for.
///
/// A damaged file is put beside, as `policies.damaged`; the log says so, all is fetched anew, and another takes its
/// place. One of another version stays as it is: then policies are kept in memory alone. Where the disk fails, the
/// constructor throws std::system_error. Any thread; find() does not wait for the disk.
class Policies {
public:
  static constexpr std::size_t largest = 8 * 1024;  ///< octets of one, as it is written

  Policies(const Spool::Ports& ports, std::string folder, const PoliciesLimits& limits = {});
  Policies(const Policies&) = delete;
  Policies& operator=(const Policies&) = delete;

  /// Whether it is of a size that is remembered.
  static bool fits(const RememberedPolicy& one);
  /// Of this domain, unless it has ended by `now`. One that is from the future, for a clock went
  /// wrong, is from now on as fetched now.
  std::optional<RememberedPolicy> find(const std::string& domain, base::Time now);
  /// Mail has gone by it.
  void note_use(const std::string& domain, base::Time now);
  /// In the place of what was known of the domain, at once; durable once this returns. What has ended when it was
  /// fetched is forgotten; beyond the limits, what was used longest ago is. One that does not fit is not taken.
  /// I/O failure throws std::system_error: then it holds until the next start.
  void remember(RememberedPolicy fetched);
  /// What has ended by `now` is not on the disk any more. Throws as remember.
  void forget_ended(base::Time now);

  /// As Spool::reseal: changes wait.
  std::unique_ptr<crypto::Resealing> reseal(const crypto::Key& server_key);

private:
  class Resealing;
  struct Kept {
    RememberedPolicy policy;
    base::Time used;  ///< last, as far as is known since the start
  };
  using ByDomain = std::map<std::string, Kept>;
  Result<ByDomain> load() const;
  void begin();
  std::vector<RememberedPolicy> all(std::uint64_t& state) const;
  bool erase_ended(base::Time now);
  void make_room(const std::string& newest);
  void erase(ByDomain::iterator one);
  void write(std::uint64_t state);

  Spool::Ports ports_;
  std::string folder_;
  std::string path_;
  PoliciesLimits limits_;
  crypto::Key queue_key_;
  std::mutex change_;            ///< one change of the file at a time
  bool held_ = false;            ///< crypto::Resealing::hold; guarded by change_
  std::uint64_t written_ = 0;    ///< the state that the file has; guarded by change_
  bool only_in_memory_ = false;  ///< since begin()
  mutable std::mutex mutex_;     ///< of what follows
  ByDomain by_domain_;
  std::size_t octets_ = 0;   ///< of all of them
  std::uint64_t state_ = 0;  ///< counts changes
};

}  // namespace mailpod::queue
