#pragma once

#include <memory>
#include <string>

#include <mailpod/imap/server.hpp>

#include "vault_exchange.hpp"

namespace mailpod::conversations {

/// Clients of one IMAP server over simulated connections, all on one thread, all alice. Each is logged in, over TLS,
/// before the dialogue begins; what that said is not part of it. Beside what others do, the exchange understands
///
///     given selected <mailbox>              clients have it selected
///     given mailbox <name>                  it exists
///     given mailbox <name> with <n> message(s)
///     given <n> message(s) in <mailbox>
///     given file <name> in <mailbox>        tests/conversations/imap/messages/<name>
///     given letter in <mailbox> | <line> | <line> …
///                                           a message of these header fields, and of `Body: <text>`, that arrives a
///                                           minute after what came before
///     given index                           what is there is in the search index
///     D: deliver to <mailbox>               one more message arrives
///     D: seconds a look at the clock <n>    so many pass whenever the server looks: its work seems to take long
class ImapExchange final : public VaultExchange {
public:
  explicit ImapExchange(std::uint64_t wire_seed);
  ~ImapExchange() override;

  void connect(std::size_t client) override;

private:
  boost::asio::awaitable<void> serve(net::Stream& client) override;
  bool arrange(std::string_view words) override;
  bool perform(std::string_view words) override;
  SettingTable settings() override;
  std::uint64_t damaged_octet(std::uint64_t size) const override { return size / 2; }
  void deliver(std::string_view mailbox, std::uint64_t count);

  imap::Settings settings_;
  std::unique_ptr<imap::Server> server_;
  std::string selects_;
  unsigned delivered_ = 0;
};

}  // namespace mailpod::conversations
