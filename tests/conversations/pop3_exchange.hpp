#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include <mailpod/imap/server.hpp>
#include <mailpod/pop3/server.hpp>

#include "imap_world.hpp"
#include "server_exchange.hpp"

namespace mailpod::conversations {

/// Clients of one POP3 server over simulated connections, all on one thread, all alice; some of them of an IMAP server
/// on the same vault. Each is logged in, over TLS, before the dialogue begins (by IMAP with INBOX selected); what that
/// said is not part of it. The exchange understands
///
///     given no login                     POP3 clients begin at the greeting
///     given no tls                       the same, in clear
///     given no certificate               STLS is not offered either
///     given scram / busy / alert <text>  as with IMAP
///     given imap <n>                     client n speaks IMAP
///     given later <n>                    client n, the last, is not there yet
///     given <n> message(s)               in INBOX
///     given message of <n> octets        in INBOX
///     given message <octets>             in INBOX; escapes as in `C>`
///     given setting <name> <number>      of pop3::Settings; times in seconds
///     D: come                            a client that was not there yet is
///     D: deliver                         one more message arrives
///     D: revoke                          the vault is closed
///     D: full disk / D: healed disk
///     D: damaged messages                one octet of each stored message is another
///     D: <n> password checks             so many so far
///     D: seconds pass <n>                on the clock
class Pop3Exchange final : public ServerExchange {
public:
  explicit Pop3Exchange(std::uint64_t wire_seed);
  ~Pop3Exchange() override;

  void given(std::string_view words) override;
  void connect(std::size_t client) override;
  std::string receive(std::size_t client) override;

private:
  boost::asio::io_context& loop() override { return world_.loop; }
  boost::asio::awaitable<void> serve(net::Stream& client) override;
  bool act(std::size_t client, std::string_view words) override;
  void directive(std::size_t client, std::string_view words) override;
  void run() override { world_.settle(); }
  void set(std::string_view name, std::uint64_t value);
  void begin(std::size_t client);
  void deliver(std::uint64_t count);
  void damage_messages();

  ImapWorld world_;
  imap::Settings imap_settings_;
  pop3::Settings settings_;
  std::unique_ptr<imap::Server> imap_;
  std::unique_ptr<pop3::Server> pop3_;
  std::set<std::size_t> by_imap_;
  std::size_t later_ = 0;
  bool next_is_imap_ = false;  ///< the connection that is being opened
  bool logs_in_ = true;
  unsigned delivered_ = 0;
};

}  // namespace mailpod::conversations
