#pragma once

#include <cstddef>

#include <mailpod/base/member_id.hpp>

namespace mailpod::queue {

/// Port: hears what the world thinks of members' mail. Loop of the Sender.
class Watch {
public:
  virtual ~Watch() = default;
  /// So many recipients of one of the member's messages have been refused for good. What was given up counts not.
  virtual void refused(MemberId submitter, std::size_t recipients) = 0;
};

}  // namespace mailpod::queue
