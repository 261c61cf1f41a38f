#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/current.hpp>
#include <mailpod/base/member_id.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/guard/buckets.hpp>
#include <mailpod/net/network.hpp>

namespace mailpod::guard {

/// An address as the doorkeeper counts it: an IPv4 address and its /24; the /64 of an IPv6 address and its /48.
struct Origin {
  std::string address;  ///< octets
  std::string network;  ///< octets
  bool exempt = false;
};

/// How often who may do what.
struct Settings {
  /// Networks that are not counted: a webmail or a relay of one's own speaks for many.
  std::vector<net::Network> exempt{*net::Network::parse("127.0.0.0/8"), *net::Network::parse("::1")};

  Rate failed_logins_of_address{20, 60};
  Rate failed_logins_of_network{200, 600};
  Rate failed_logins_of_account{50, 120};
  std::chrono::milliseconds login_delay{3000};

  Rate connections_of_address{100, 3600};
  Rate connections_of_network{500, 18'000};
  Rate visits_of_address{200, 7200};
  Rate visits_of_network{1000, 36'000};
  Rate messages_of_address{200, 3600};
  Rate messages_of_network{1000, 18'000};
  Rate recipients_of_address{1000, 18'000};
  Rate recipients_of_network{5000, 90'000};
  Rate messages_of_member{100, 1000};
  Rate recipients_of_member{1000, 10'000};
  // What is more is not refused, but held: delivery::Brake.
  Rate remote_recipients_of_member{300, 300};
  Rate refused_recipients_of_member{50, 50};
};

/// Counts what strangers and members do, and says when it is too much. Nobody is locked out by what others do: who has
/// logged in from an address before may try there again whatever others fail at; and where an account or a network is
/// under attack, others wait a moment and are then let try. Only an address that failed too often itself is refused.
///
/// All of it is in memory, of a fixed size, and forgotten at a restart. Any thread.
class Doorkeeper {
public:
  Doorkeeper(base::Clock& clock, base::Entropy& entropy, Settings settings);

  /// `address` as inet_ntop writes it. Who comes by a local socket has none, and is
  /// exempt.
  Origin origin_of(std::string_view address) const;
  void set(Settings settings) { settings_.replace(std::move(settings)); }

  struct Verdict {
    enum class Answer { admitted, delayed, refused } answer = Answer::admitted;
    std::chrono::milliseconds delay{0};
  };
  /// Before a secret is looked at. `account` as the client wrote it.
  Verdict consider_login(const Origin& origin, std::string_view account);
  void login_failed(const Origin& origin, std::string_view account);
  void login_succeeded(const Origin& origin, std::string_view account);

  bool admits_connection(const Origin& origin);
  /// To a port of HTTP.
  bool admits_visit(const Origin& origin);
  bool admits_message(const Origin& origin);
  bool admits_recipient(const Origin& origin);
  /// Before somebody joins. Who does comes to stay: ten at once from an address and three an hour after that, thirty
  /// and ten from a network.
  bool admits_join(const Origin& origin);
  bool admits_message(MemberId member);
  bool admits_recipient(MemberId member);

private:
  bool take_both(std::string_view what, const Origin& origin, const Rate& of_address, const Rate& of_network);

  base::Current<Settings> settings_;
  Buckets logins_;
  Buckets familiar_;  ///< who has logged in from where
  Buckets mail_;
};

}  // namespace mailpod::guard
