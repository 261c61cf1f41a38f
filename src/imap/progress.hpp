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
  /// RFC 9585 §3: often enough that nobody gives up, seldom enough to cost nothing.
  static constexpr std::chrono::seconds between{10};

  /// `goal` is what all stages of the command come to; 0: there is nothing to do. Borrows the session for one command.
  Progress(Session& session, std::uint64_t goal);

  /// Says so if ten seconds are over since it was last said; `done` is of the present stage.
  boost::asio::awaitable<void> tell(std::uint64_t done);
  /// Says how far it was when it last was asked: nothing more is known while work cannot be sliced.
  boost::asio::awaitable<void> tell_again();
  /// A stage that comes to `goal` is over.
  void pass(std::uint64_t goal) { passed_ += goal; }

private:
  boost::asio::awaitable<void> say();

  Session& session_;
  const std::uint64_t goal_;
  std::uint64_t passed_ = 0;
  std::uint64_t done_ = 0;
  std::chrono::microseconds told_;
};

/// The same of a command that does not know how much there is to do. RFC 9585 §4.
boost::asio::awaitable<void> tell_of_waiting(Session& session);

}  // namespace mailpod::imap
