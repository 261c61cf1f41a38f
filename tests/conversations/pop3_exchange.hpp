#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include <mailpod/imap/server.hpp>
#include <mailpod/pop3/server.hpp>

#include "vault_exchange.hpp"

namespace mailpod::conversations {

/// Clients of one POP3 server over simulated connections, all on one thread, all alice; some of them of an IMAP server
/// on the same vault. Each is logged in, over TLS, before the dialogue begins (by IMAP with INBOX selected); what that
/// said is not part of it. Beside what others do, the exchange understands
///
///     given imap <n>                     client n speaks IMAP
///     given later <n>                    client n, the last, is not there yet
///     given <n> message(s)               in INBOX
///     given message of <n> octets        in INBOX
///     given message <octets>             in INBOX; escapes as in `C>`
///     D: come                            a client that was not there yet is
///     D: deliver                         one more message arrives
class Pop3Exchange final : public VaultExchange {
public:
  explicit Pop3Exchange(std::uint64_t wire_seed);
  ~Pop3Exchange() override;

  void connect(std::size_t client) override;
  std::string receive(std::size_t client) override;

private:
  boost::asio::awaitable<void> serve(net::Stream& client) override;
  bool arrange(std::string_view words) override;
  bool perform(std::string_view words) override;
  void directive(std::size_t client, std::string_view words) override;
  SettingTable settings() override;
  std::uint64_t damaged_octet(std::uint64_t size) const override { return size - 1; }
  void begin(std::size_t client);
  void deliver(std::uint64_t count);

  imap::Settings imap_settings_;
  pop3::Settings settings_;
  std::unique_ptr<imap::Server> imap_;
  std::unique_ptr<pop3::Server> pop3_;
  std::set<std::size_t> by_imap_;
  std::size_t later_ = 0;
  bool next_is_imap_ = false;  ///< the connection that is being opened
  unsigned delivered_ = 0;
};

}  // namespace mailpod::conversations
