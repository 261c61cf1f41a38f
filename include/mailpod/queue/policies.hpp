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

/// The policies of domains to which mail has gone: the sealed file `policies` in the queue's folder, and a copy in
/// memory. So nobody who keeps a domain's web server or its DNS from us undoes what it once asked for.
///
/// A file that cannot be read is as none: the log says so, all is fetched anew, and the next one takes its place. Any
/// thread; find() does not wait for the disk.
class Policies {
public:
  static constexpr std::size_t most = 10'000;  ///< beyond, the one that ends first is forgotten

  Policies(const Spool::Ports& ports, std::string folder);
  Policies(const Policies&) = delete;
  Policies& operator=(const Policies&) = delete;

  /// Of this domain, unless it has ended by `now`.
  std::optional<RememberedPolicy> find(const std::string& domain, base::Time now) const;
  /// In the place of what was known of the domain, at once; durable once this returns. I/O failure throws
  /// std::system_error: then it holds until the next start.
  void remember(RememberedPolicy fetched);

  /// As Spool::reseal: changes wait.
  std::unique_ptr<crypto::Resealing> reseal(const crypto::Key& server_key);

private:
  class Resealing;
  using ByDomain = std::map<std::string, RememberedPolicy>;
  Result<ByDomain> load() const;
  std::vector<RememberedPolicy> all() const;

  Spool::Ports ports_;
  std::string folder_;
  std::string path_;
  crypto::Key queue_key_;
  std::mutex change_;         ///< one change at a time
  bool held_ = false;         ///< crypto::Resealing::hold; guarded by change_
  mutable std::mutex mutex_;  ///< of what follows
  ByDomain by_domain_;
};

}  // namespace mailpod::queue
