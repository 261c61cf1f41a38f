#include <mailpod/mailauth/dns_inquiry.hpp>

#include <algorithm>
#include <memory>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mailpod::mailauth {

namespace {

using boost::asio::awaitable;
using Outcome = DnsAnswer::Outcome;
using Type = DnsQuestion::Type;

Outcome outcome_for(const boost::system::error_code& error) {
  if (error == net::Errc::no_such_name) return Outcome::no_such_name;
  return error == net::Errc::no_such_record ? Outcome::no_such_record : Outcome::failed;
}

DnsAnswer answer_for(Result<net::Answer<std::string>> found) {
  if (!found) return {outcome_for(found.error()), {}};
  if (found->records.empty()) return {Outcome::no_such_record, {}};
  return {Outcome::found, std::move(found->records)};
}

DnsAnswer answer_for(Result<net::Answer<net::Mx>> found) {
  if (!found) return {outcome_for(found.error()), {}};
  DnsAnswer answer{Outcome::found, {}};
  for (auto& mx : found->records) answer.records.push_back(std::move(mx.exchange));
  return answer;
}

awaitable<DnsAnswer> ask(net::Resolver& resolver, const DnsQuestion& question) {
  if (question.type == Type::mx) {
    auto found = co_await resolver.mx(question.name);
    co_return answer_for(std::move(found));
  }
  auto asking = question.type == Type::txt    ? resolver.txt(question.name)
                : question.type == Type::ptr  ? resolver.ptr(question.name)
                : question.type == Type::aaaa ? resolver.addresses(question.name, net::Family::ipv6)
                                              : resolver.addresses(question.name, net::Family::ipv4);
  auto found = co_await std::move(asking);
  co_return answer_for(std::move(found));
}

/// Questions that are asked at once. Lives as long as the last of them, whoever still waits for it.
struct Round {
  std::vector<DnsQuestion> questions;
  std::vector<DnsAnswer> answers;
  std::size_t open = 0;
  std::unique_ptr<net::Alarm> all_answered;  ///< rings when they are, or when time is up
};

awaitable<void> ask_one(net::Resolver& resolver, std::shared_ptr<Round> round, std::size_t which) {
  auto answer = co_await ask(resolver, round->questions[which]);
  round->answers[which] = std::move(answer);
  if (--round->open == 0) round->all_answered->cancel();
}

/// On the resolver's loop.
awaitable<std::vector<DnsAnswer>> ask_all(DnsInquiry::Ports ports, std::vector<DnsQuestion> questions,
                                          std::chrono::milliseconds limit) {
  const auto round = std::make_shared<Round>();
  round->questions = std::move(questions);
  round->open = round->questions.size();
  round->answers.resize(round->open);
  round->all_answered = ports.alarms.make(ports.loop);
  for (std::size_t i = 0; i < round->questions.size(); ++i) {
    auto asking = ask_one(ports.resolver, round, i);
    boost::asio::co_spawn(ports.loop, std::move(asking), boost::asio::detached);
  }
  co_await round->all_answered->wait(limit);
  co_return round->answers;
}

}  // namespace

awaitable<void> DnsInquiry::answer(DnsTable& table, std::vector<DnsQuestion> questions,
                                   std::chrono::microseconds until) const {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - ports_.clock.monotonic());
  const auto allowed = settings_.questions - std::min(settings_.questions, table.size());
  const auto asked = left.count() > 0 ? std::min(allowed, questions.size()) : 0;
  for (std::size_t i = asked; i < questions.size(); ++i) table.put(questions[i], {});
  questions.resize(asked);
  if (questions.empty()) co_return;
  Ports ports = ports_;
  if (!ports.loop) ports.loop = co_await boost::asio::this_coro::executor;
  auto asking = ask_all(ports, questions, left);
  auto answers = co_await boost::asio::co_spawn(ports.loop, std::move(asking), boost::asio::use_awaitable);
  for (std::size_t i = 0; i < questions.size(); ++i) table.put(std::move(questions[i]), std::move(answers[i]));
}

}  // namespace mailpod::mailauth
