#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <mailpod/admin/desk.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/net/bell.hpp>
#include <mailpod/net/dismissal.hpp>
#include <mailpod/net/stream.hpp>
#include <mailpod/sasl/credentials.hpp>

#include "login_counts.hpp"

namespace mailpod::daemon {

/// Who is connected at present, for whoever looks after the pod. Any thread; outlives its visits.
class Sessions {
public:
  explicit Sessions(base::Clock& clock) : clock_(clock) {}

  class Visit;

  std::vector<admin::Daemon::Session> list() const;
  /// Begins to end one: its protocol says goodbye, and half a second later it is disconnected. False if there is none.
  bool close(std::uint64_t id);
  /// The same with all of a member's; how many there were.
  std::size_t close(MemberId member);
  /// The same with those whose login stands no longer, since its secret has expired meanwhile.
  std::size_t close_fallen();

private:
  struct Entry {
    std::string listener;
    net::Endpoint peer;
    base::Time since;
    std::shared_ptr<const net::Activity> activity;
    std::function<void()> dismiss;
    std::optional<MemberId> member;
    std::shared_ptr<const sasl::Standing> standing;  ///< of the login
  };

  base::Clock& clock_;
  mutable std::mutex mutex_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, Entry> entries_;
};

/// One connection's place in the list, from here to its end. On the stream's loop; the stream outlives it.
class Sessions::Visit {
public:
  Visit(Sessions& sessions, std::string listener, net::Stream& stream);
  ~Visit();
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  /// Whose session it is from now on.
  void belongs_to(const sasl::Login& login);
  /// Nobody's again: what becomes of the login that was does not concern it.
  void belongs_to_nobody();
  const std::string& listener() const { return listener_; }

private:
  Sessions& sessions_;
  net::Dismissal dismissal_;
  net::Bell bell_;
  std::string listener_;
  std::uint64_t id_;
};

/// Remembers whose session it has become, and counts who came.
class VisitorsCredentials final : public sasl::Credentials {
public:
  VisitorsCredentials(sasl::Credentials& credentials, Sessions::Visit& visit, LoginCounts& counts)
      : credentials_(credentials), visit_(visit), counts_(counts) {}
  boost::asio::awaitable<Result<sasl::Login>> check_plain(sasl::PlainClaim claim) override;
  bool offers_scram() const override { return credentials_.offers_scram(); }
  boost::asio::awaitable<Result<sasl::ScramChallenge>> challenge_scram(std::string_view authentication_id) override;
  boost::asio::awaitable<Result<sasl::ScramLogin>> check_scram(sasl::ScramClaim claim) override;
  void left() override;

private:
  void came(const Result<MemberId>& who);

  sasl::Credentials& credentials_;
  Sessions::Visit& visit_;
  LoginCounts& counts_;
};

}  // namespace mailpod::daemon
