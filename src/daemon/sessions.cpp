#include "sessions.hpp"

namespace mailpod::daemon {

std::vector<admin::Daemon::Session> Sessions::list() const {
  std::vector<admin::Daemon::Session> listed;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, entry] : entries_) {
    admin::Daemon::Session session{id, entry.listener, entry.peer.address, entry.peer.port,
                                   "", entry.member,   entry.since,        0};
    if (entry.activity) {
      session.tls = entry.activity->tls_version.load();
      const auto idle = std::chrono::floor<std::chrono::seconds>(entry.activity->idle());
      session.idle_seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(0, idle.count()));
    }
    listed.push_back(std::move(session));
  }
  return listed;
}

bool Sessions::close(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return false;
  found->second.dismiss();
  return true;
}

std::size_t Sessions::close(MemberId member) {
  const std::lock_guard lock(mutex_);
  std::size_t closed = 0;
  for (const auto& [id, entry] : entries_) {
    if (entry.member != member) continue;
    entry.dismiss();
    ++closed;
  }
  return closed;
}

std::size_t Sessions::close_fallen() {
  const std::lock_guard lock(mutex_);
  std::size_t closed = 0;
  for (const auto& [id, entry] : entries_) {
    if (entry.standing == nullptr || entry.standing->holds()) continue;
    entry.dismiss();
    ++closed;
  }
  return closed;
}

Sessions::Visit::Visit(Sessions& sessions, std::string listener, net::Stream& stream)
    : sessions_(sessions),
      dismissal_(stream),
      bell_(stream.executor(), [this] { dismissal_.begin(); }),
      listener_(std::move(listener)) {
  Entry entry{listener_, stream.peer(), sessions_.clock_.now(), stream.activity(), bell_.rope(), std::nullopt, nullptr};
  const std::lock_guard lock(sessions_.mutex_);
  id_ = ++sessions_.last_id_;
  sessions_.entries_.emplace(id_, std::move(entry));
}

Sessions::Visit::~Visit() {
  const std::lock_guard lock(sessions_.mutex_);
  sessions_.entries_.erase(id_);
}

void Sessions::Visit::belongs_to(const sasl::Login& login) {
  const std::lock_guard lock(sessions_.mutex_);
  auto& entry = sessions_.entries_.at(id_);
  entry.member = login.member;
  entry.standing = login.standing;
}

void Sessions::Visit::belongs_to_nobody() {
  const std::lock_guard lock(sessions_.mutex_);
  auto& entry = sessions_.entries_.at(id_);
  entry.member.reset();
  entry.standing.reset();
}

boost::asio::awaitable<Result<sasl::Login>> VisitorsCredentials::check_plain(sasl::PlainClaim claim) {
  auto question = credentials_.check_plain(claim);
  auto login = co_await std::move(question);
  if (login) visit_.belongs_to(*login);
  came(login ? Result<MemberId>(login->member) : login.error());
  co_return login;
}

boost::asio::awaitable<Result<sasl::ScramChallenge>> VisitorsCredentials::challenge_scram(
    std::string_view authentication_id) {
  auto question = credentials_.challenge_scram(authentication_id);
  co_return co_await std::move(question);
}

boost::asio::awaitable<Result<sasl::ScramLogin>> VisitorsCredentials::check_scram(sasl::ScramClaim claim) {
  auto question = credentials_.check_scram(claim);
  auto answer = co_await std::move(question);
  if (answer) visit_.belongs_to(answer->login);
  came(answer ? Result<MemberId>(answer->login.member) : answer.error());
  co_return answer;
}

void VisitorsCredentials::came(const Result<MemberId>& who) {
  if (who) {
    counts_.logged_in(*who, visit_.listener());
  } else if (who.error() != sasl::Errc::busy) {
    counts_.refused(visit_.listener());
  }
}

void VisitorsCredentials::left() {
  visit_.belongs_to_nobody();
  credentials_.left();
}

}  // namespace mailpod::daemon
