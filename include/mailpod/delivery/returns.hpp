#pragma once

#include <string>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/log.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/crypto/sign.hpp>
#include <mailpod/queue/returns.hpp>

namespace mailpod::members {
class Directory;
}
namespace mailpod::net {
class Pool;
}
namespace mailpod::store {
class Vaults;
}

namespace mailpod::delivery {

/// What became of mail that members sent: puts the queue's reports into their vaults, as mail with the null reverse
/// path, delivered to the member's main address.
///
/// A suspended member gets theirs too: suspension closes the mailbox to others, and what a member sent before is still
/// theirs to know of. They read it when they are back.
///
/// Loop, any. Disk work happens on the pool.
class Returns final : public queue::Returns {
public:
  struct Settings {
    std::string host_name = "localhost";  ///< in Received fields
    std::string members;                  ///< the pod's members/ folder
  };

  /// Borrowed; all of it outlives the returns.
  struct Ports {
    const members::Directory& directory;
    store::Vaults& vaults;
    net::Pool& pool;
    base::Disk& disk;
    base::Clock& clock;
    base::Entropy& entropy;
    base::Log& log;
    const crypto::SigningKey& pod_key;
  };

  Returns(const Ports& ports, Settings settings) : ports_(ports), settings_(std::move(settings)) {}

  /// Errors: smtp::Errc::no_such_mailbox (not in the directory), mailbox_unavailable (no key to seal mail with),
  /// too_big.
  boost::asio::awaitable<Status> give_back(MemberId member, const base::OctetSource& notification) override;

private:
  struct Report;
  Status put(Report& report, const base::OctetSource& notification);

  Ports ports_;
  Settings settings_;
};

}  // namespace mailpod::delivery
