#include "published.hpp"

#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace mailpod::daemon {
namespace {

using Answers = std::vector<Result<mailauth::Published>>;

net::awaitable<void> ask_all(const std::vector<WantedRecord>& wanted, net::Resolver& resolver, Answers& answers) {
  for (const auto& record : wanted) {
    const auto answer = co_await resolver.txt(record.name);
    answers.push_back(judge_answer(record, answer));
  }
}

}  // namespace

Result<mailauth::Published> judge_answer(const WantedRecord& wanted, const Result<net::Answer<std::string>>& answer) {
  if (answer) return mailauth::compare_record(wanted.text, answer->records);
  if (answer.error() == net::Errc::no_such_name || answer.error() == net::Errc::no_such_record)
    return mailauth::Published::missing;
  return answer.error();
}

Answers ask_dns(const std::vector<WantedRecord>& wanted, const net::ResolverSettings& settings) {
  boost::asio::io_context loop(1);
  const auto resolver = net::make_unbound_resolver(loop.get_executor(), settings);
  Answers answers;
  std::exception_ptr failure;
  boost::asio::co_spawn(loop, ask_all(wanted, *resolver, answers), [&](const std::exception_ptr& why) {
    failure = why;
    resolver->stop();
    loop.stop();
  });
  loop.run();
  if (failure) std::rethrow_exception(failure);
  return answers;
}

}  // namespace mailpod::daemon
