#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <mailpod/net/dialer.hpp>
#include <mailpod/net/lines.hpp>

#include "witness.hpp"

namespace mailpod::world {

using net::awaitable;

/// One line of an IMAP server with what its literals hold.
struct ImapReply {
  std::string tag;   ///< `*`, `+` or a command's
  std::string text;  ///< what follows, literals left out
  std::vector<std::string> literals;
  bool is_tagged() const { return tag != "*" && tag != "+"; }
  bool is_ok() const { return text.starts_with("OK"); }
  /// The number after `name` in the text; 0 if there is none.
  std::uint32_t number_after(std::string_view name) const;
};

/// An IMAP client that knows what may be said to it, and accuses the server of whatever comes out of place: a tagged
/// reply that is not that of the oldest command, numbers beyond the mailbox, EXPUNGE where RFC 3501 §7.4.1 forbids it,
/// another UID at a sequence number. Throws std::system_error when the connection ends.
class ImapSession {
public:
  ImapSession(std::unique_ptr<net::Stream> stream, Witness& witness, std::string who);

  /// TLS, greeting, LOGIN. False if it was refused.
  awaitable<bool> begin(std::string name, std::string password);
  /// A command to be sent with the next send(); answers its tag.
  std::string add(std::string command);
  awaitable<void> send();
  /// Octets that belong to the command under way.
  awaitable<void> send_octets(std::string octets);
  /// The next reply, judged.
  awaitable<ImapReply> hear();
  /// Sends what was added and hears the end of all of it; what came is in `heard`, in order.
  awaitable<void> exchange();
  /// Whether anything is there within `limit`.
  awaitable<bool> speaks_within(std::chrono::milliseconds limit);

  /// Of each message by sequence number: its UID, or 0 while it was not told.
  const std::vector<std::uint32_t>& view() const { return view_; }
  std::vector<ImapReply> heard;

private:
  struct Asked {
    std::string tag;
    std::string verb;  ///< "UID FETCH"
  };
  void expect_nothing_more();
  void judge(const ImapReply& reply);
  void judge_untagged(const ImapReply& reply);
  void judge_fetch(std::uint32_t number, const ImapReply& reply);
  void accuse(const std::string& what, const ImapReply& reply);

  std::unique_ptr<net::Stream> stream_;
  net::LineReader lines_;
  Witness& witness_;
  std::string who_;
  std::string unsent_;
  std::deque<Asked> asked_;
  unsigned commands_ = 0;
  std::vector<std::uint32_t> view_;
  bool selected_ = false;
  bool leaving_ = false;
};

}  // namespace mailpod::world
