#pragma once

#include <chrono>
#include <cstdint>

#include <boost/asio/awaitable.hpp>

namespace mailpod::imap {

class Session;

/// Tells the client now and then how far its command is, so that neither it nor its user takes the server for dead.
/// RFC 9585. Loop.
class Progress {
public:
  /// `goal` is what all stages of the command come to; 0: there is nothing to do. Borrows the session for one command.
  Progress(Session& session, std::uint64_t goal);

  /// Says so if ten seconds are over since it was last said; `done` is of the present stage.
  boost::asio::awaitable<void> tell(std::uint64_t done);
  /// A stage that comes to `goal` is over.
  void pass(std::uint64_t goal) { passed_ += goal; }

private:
  Session& session_;
  const std::uint64_t goal_;
  std::uint64_t passed_ = 0;
  std::chrono::microseconds told_;
};

}  // namespace mailpod::imap
