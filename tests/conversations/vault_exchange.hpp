#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "imap_world.hpp"
#include "server_exchange.hpp"

namespace mailpod::conversations {

/// Clients of a server that shows alice her vault, whatever its protocol: what such exchanges have in common. It
/// understands
///
///     given no login                     clients begin at the greeting
///     given no tls                       the same, in clear
///     given no certificate               TLS is not offered either
///     given no pieces                    what is sent arrives as it was sent, in any suite
///     given scram                        alice's vault also opens to RFC 7677's user
///     given busy                         too many password checks wait
///     given alert <text>                 of the next logins
///     given setting <name> <number>      of the server's Settings; times in seconds
///     D: revoke                          the vault is closed
///     D: full disk / D: healed disk
///     D: damaged messages                one octet of each stored message is another
///     D: <n> password checks             so many so far
///     D: seconds pass <n>                on the clock
class VaultExchange : public ServerExchange {
public:
  void given(std::string_view words) final;

protected:
  /// Sets one of the settings.
  using Setting = std::function<void(std::uint64_t)>;
  using SettingTable = std::map<std::string_view, Setting>;

  explicit VaultExchange(std::uint64_t wire_seed);

  /// Words of `given` and D: that only this protocol knows; false if it does not.
  virtual bool arrange(std::string_view words) = 0;
  virtual bool perform(std::string_view words) = 0;
  virtual SettingTable settings() = 0;
  /// Which octet of a stored file is damaged.
  virtual std::uint64_t damaged_octet(std::uint64_t size) const = 0;

  static std::uint64_t number_in(std::string_view digits);

  ImapWorld world_;
  bool logs_in_ = true;

private:
  boost::asio::io_context& loop() final { return world_.loop; }
  void run() final { world_.settle(); }
  bool act(std::size_t client, std::string_view words) final;
  void damage_messages();
};

}  // namespace mailpod::conversations
