#pragma once

#include <memory>
#include <string>

#include <mailpod/imap/server.hpp>

#include "imap_world.hpp"
#include "server_exchange.hpp"

namespace mailpod::conversations {

/// Clients of one IMAP server over simulated connections, all on one thread, all alice. Each is logged in, over TLS,
/// before the dialogue begins; what that said is not part of it. The exchange understands
///
///     given no login                        clients begin at the greeting
///     given no tls                          the same, in clear
///     given no certificate                  STARTTLS is not offered either
///     given selected <mailbox>              clients have it selected
///     given mailbox <name>                  it exists
///     given mailbox <name> with <n> message(s)
///     given <n> message(s) in <mailbox>
///     given file <name> in <mailbox>        tests/conversations/imap/messages/<name>
///     given letter in <mailbox> | <line> | <line> …
///                                           a message of these header fields, and of `Body: <text>`, that arrives a
///                                           minute after what came before
///     given index                           what is there is in the search index
///     given setting <name> <number>         of imap::Settings; times in seconds
///     given busy                            too many password checks wait
///     D: deliver to <mailbox>               one more message arrives
///     D: revoke                             the vault is closed
///     D: full disk / D: healed disk
///     D: damaged messages                   one octet of each stored message is another
///     D: <n> password checks                so many so far
///     D: seconds pass <n>                   on the clock
///     D: seconds a look at the clock <n>    so many pass whenever the server looks: its work seems to take long
class ImapExchange final : public ServerExchange {
public:
  explicit ImapExchange(std::uint64_t wire_seed);
  ~ImapExchange() override;

  void given(std::string_view words) override;
  void connect(std::size_t client) override;

private:
  boost::asio::io_context& loop() override { return world_.loop; }
  boost::asio::awaitable<void> serve(net::Stream& client) override;
  bool act(std::size_t client, std::string_view words) override;
  void run() override { world_.settle(); }
  void set(std::string_view name, std::uint64_t value);
  void damage_messages();
  void deliver(std::string_view mailbox, std::uint64_t count);

  ImapWorld world_;
  imap::Settings settings_;
  std::unique_ptr<imap::Server> server_;
  bool logs_in_ = true;
  std::string selects_;
  unsigned delivered_ = 0;
};

}  // namespace mailpod::conversations
