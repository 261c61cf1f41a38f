#pragma once

#include <memory>
#include <string>
#include <vector>

#include <mailpod/net/lines.hpp>
#include <mailpod/net/stream.hpp>

#include "simulation/dice.hpp"
#include "witness.hpp"

namespace mailpod::world {

using net::awaitable;

/// Which replies a command may have, by their first digits: `250`, `5`, or nothing but trouble.
struct SmtpCommand {
  std::string line;
  std::string expected;
};

/// An SMTP client that accuses the server of a reply which its command cannot have, and of replies to nothing. What is
/// always allowed is trouble: 4yz of any kind, as disks fail, and 421 at any time. Throws std::system_error when the
/// connection ends.
class SmtpSession {
public:
  SmtpSession(std::unique_ptr<net::Stream> stream, Witness& witness, std::string who);

  awaitable<void> begin();
  awaitable<void> start_tls(bool at_once);
  /// False if it was refused.
  awaitable<bool> log_in(std::string name, std::string password);
  /// Sends all of them in one write, then hears their replies: the codes, in order.
  awaitable<std::vector<int>> exchange(std::vector<SmtpCommand> commands);
  /// One command; its code.
  awaitable<int> ask(std::string line, std::string expected);
  /// Of a message, dot-stuffed here; without the end of data.
  awaitable<void> send_data(std::string octets);
  awaitable<void> write(std::string octets);
  /// The reply to what was written.
  awaitable<int> hear(std::string what, std::string expected);
  void expect_nothing_more();
  void abort() { stream_->abort(); }
  awaitable<void> close();

  std::string last_text;  ///< of the last reply

private:
  std::unique_ptr<net::Stream> stream_;
  net::LineReader lines_;
  Witness& witness_;
  std::string who_;
};

}  // namespace mailpod::world
