#pragma once

#include <cstdint>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include <mailpod/store/mailbox.hpp>

#include "sequence_set.hpp"
#include "view.hpp"

namespace mailpod::imap {

class Session;

/// Threads as THREAD tells of them: who answers whom, everything in the order in which it is told. RFC 5256 §4.
struct ThreadForest {
  struct Node {
    store::SeqNum message{};  ///< none: a message that is not there; only a root can be such, and has several children
    std::vector<std::uint32_t> children;  ///< places in `nodes`
  };
  std::vector<Node> nodes;
  std::vector<std::uint32_t> roots;
};

/// `* THREAD (2)(3 6 (4 23)(44 7 96))`, however deep. In pieces.
boost::asio::awaitable<void> write_threads(Session& session, const View& view, const ThreadForest& forest, Numbers by);

}  // namespace mailpod::imap
