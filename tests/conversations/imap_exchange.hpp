#pragma once

#include <memory>
#include <string>
#include <vector>

#include <mailpod/imap/server.hpp>

#include "dialogue.hpp"
#include "imap_world.hpp"
#include "simulation/stream.hpp"

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
///     given setting <name> <number>         of imap::Settings; times in seconds
///     given busy                            too many password checks wait
///     D: deliver to <mailbox>               one more message arrives
///     D: revoke                             the vault is closed
///     D: end input                          the daemon stops
///     D: full disk / D: healed disk
///     D: damaged messages                   one octet of each stored message is another
///     D: wait for the end                   runs until the server closes the connection by a deadline
///     D: <n> password checks                so many so far
///     D: seconds pass <n>                   on the clock
class ImapExchange final : public Exchange {
public:
  explicit ImapExchange(std::uint64_t wire_seed);
  ~ImapExchange() override;

  void given(std::string_view words) override;
  void connect(std::size_t client) override;
  void send(std::size_t client, std::string_view octets) override;
  void close(std::size_t client) override;
  std::string receive(std::size_t client) override;
  bool closed(std::size_t client) override;
  void directive(std::size_t client, std::string_view words) override;

private:
  struct Connection;
  void settle();
  void set(std::string_view name, std::uint64_t value);
  void damage_messages();
  void deliver(std::string_view mailbox, std::uint64_t count);
  Connection& connection(std::size_t client) { return *connections_.at(client - 1); }

  ImapWorld world_;
  imap::Settings settings_;
  simulation::Wire wire_;
  std::unique_ptr<imap::Server> server_;
  bool logs_in_ = true;
  std::string selects_;
  unsigned delivered_ = 0;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace mailpod::conversations
