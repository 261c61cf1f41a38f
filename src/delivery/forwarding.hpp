#pragma once

#include <memory>
#include <string>

#include <mailpod/delivery/post_office.hpp>

#include "routes.hpp"

/// Members' mail that goes on to an address of theirs elsewhere, because they said so.
namespace mailpod::delivery {

/// What forwarding asks of a message and its moment.
struct Forwarding {
  std::shared_ptr<const members::DirectoryState> directory;
  const Outbox* outbox = nullptr;  ///< nullptr: nothing leaves the pod
  std::string reverse_path;        ///< of the message, as text; empty for <>
  base::Time now;
};

/// Adds a copy for each member who forwards, under a reverse path of ours, and takes away the copies of those who keep
/// none. A copy names in Delivered-To whom it was for, so that one which comes back is known. RFC 5321 §3.9.1, §6.3.
/// To its author the message has arrived, and they do not learn where it went on to: RFC 3461 §5.2.7.4.
void add_forwards(const Forwarding& forwarding, Destinations& destinations);

/// Whether mail for `member` can only go on, and nothing is sent.
bool needs_outbox(const members::DirectoryState& directory, MemberId member);

}  // namespace mailpod::delivery
