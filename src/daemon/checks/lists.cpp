#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "checks.hpp"

namespace mailpod::daemon {
namespace {

using boost::asio::awaitable;

/// For one question; a check is to end while somebody waits for it.
constexpr std::chrono::seconds patience{5};

enum class Listed { yes, no, unsaid };

awaitable<Listed> ask(net::Resolver& resolver, std::string zone, std::string address) {
  const std::string name = delivery::block_list_name(zone, address).value();
  auto question = resolver.addresses(name, net::Family::ipv4);
  const auto answer = co_await std::move(question);
  if (answer) co_return answer->records.empty() ? Listed::no : Listed::yes;
  const bool absent = answer.error() == make_error_code(net::Errc::no_such_name) ||
                      answer.error() == make_error_code(net::Errc::no_such_record);
  co_return absent ? Listed::no : Listed::unsaid;
}

}  // namespace

awaitable<void> check_lists(Findings& findings, net::Resolver& resolver, std::vector<delivery::BlockList> lists) {
  for (const auto& list : lists) {
    auto asking = ask(resolver, list.zone, "127.0.0.2");
    const Listed listed = co_await std::move(asking);
    auto asking_other = ask(resolver, list.zone, "127.0.0.1");
    const Listed unlisted = co_await std::move(asking_other);
    if (listed == Listed::unsaid || unlisted == Listed::unsaid) {
      findings.note("the list " + list.zone + " does not answer",
                    "until it does it says nothing of anybody; some lists answer no open resolvers: see [dns]");
    } else if (unlisted == Listed::yes) {
      findings.note("the list " + list.zone + " lists everybody, 127.0.0.1 too",
                    "take it out of strangers.lists: it has been given up");
    } else if (listed == Listed::no) {
      findings.note("the list " + list.zone + " does not list 127.0.0.2, which every list of IPv4 addresses does",
                    "correct its name in strangers.lists, or see that it answers this resolver");
    } else {
      findings.ok("the list " + list.zone + " answers");
    }
  }
}

void check_lists(Findings& findings, const Surroundings& pod) {
  const auto& lists = pod.configuration.strangers.lists;
  if (lists.empty()) return;
  boost::asio::io_context loop;
  auto settings = pod.configuration.dns;
  settings.time_limit = std::min<std::chrono::milliseconds>(settings.time_limit, patience);
  const auto resolver = net::make_unbound_resolver(loop.get_executor(), settings);
  boost::asio::co_spawn(loop, check_lists(findings, *resolver, lists), [&](const std::exception_ptr&) { loop.stop(); });
  loop.run();
}

}  // namespace mailpod::daemon
