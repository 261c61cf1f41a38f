#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include <mailpod/base/result.hpp>

namespace mailpod::queue {

/// Role: asks a domain's own web server for its MTA-STS policy. RFC 8461 §3.3. Belongs to the sender's loop; only on
/// it.
class PolicyHost {
public:
  virtual ~PolicyHost() = default;
  /// The octets at `https://mta-sts.<domain>/.well-known/mta-sts.txt`: an answer 200 of text/plain, at most 64 KiB, by
  /// a server whose certificate is for that name, without redirects, within a minute. Any error, whatever its category:
  /// there is no policy to be had.
  virtual boost::asio::awaitable<Result<std::string>> fetch(std::string domain) = 0;
  /// Every present and later fetch ends at once.
  virtual void stop() = 0;
};

}  // namespace mailpod::queue
