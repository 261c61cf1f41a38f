#pragma once

#include <boost/asio/awaitable.hpp>

#include <mailpod/base/member_id.hpp>
#include <mailpod/base/octet_source.hpp>
#include <mailpod/base/result.hpp>

namespace mailpod::queue {

/// Port: puts delivery status notifications (RFC 3464) into the vault of the member who submitted the mail. Implemented
/// by `delivery`. Loop of the Sender.
class Returns {
public:
  virtual ~Returns() = default;
  /// `notification` is a whole message, CRLF line ends, without trace fields; its reverse path is null. Durable once it
  /// answers without error. Errors: whatever keeps the member from receiving for good (gone, never enrolled). Failure of
  /// the machine throws std::system_error: to be tried again.
  virtual boost::asio::awaitable<Status> give_back(MemberId member, const base::OctetSource& notification) = 0;
};

}  // namespace mailpod::queue
