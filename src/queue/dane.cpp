#include "dane.hpp"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include <mailpod/net/error.hpp>

namespace mailpod::queue {

namespace {

using boost::asio::awaitable;

bool is_absence(const boost::system::error_code& error) {
  return error == net::Errc::no_such_name || error == net::Errc::no_such_record;
}

Demand demand_for(const Host& host, const std::string& base, std::vector<net::Tlsa> records) {
  Demand demand;
  demand.by = Demand::By::dane;
  std::erase_if(records, [](const net::Tlsa& record) { return !net::is_usable(record); });
  // RFC 7672 §2.2: the domain has TLS, for it says so, and nobody can tell whose: only listeners are kept out.
  demand.protection = records.empty() ? smtp::Protection::encrypted : smtp::Protection::authenticated;
  // Records that name nobody do not name the end of an alias either.
  demand.peer.name = records.empty() ? host.name : base;
  demand.peer.tlsa = std::move(records);
  for (const std::string& name : host.names) {
    if (name != demand.peer.name) demand.peer.other_names.push_back(name);
  }
  return demand;
}

}  // namespace

awaitable<Result<Demand>> demand_by_dane(net::Resolver& resolver, Host host) {
  for (const std::string& base : host.tlsa_bases) {
    std::string name = fmt::format("_{}._tcp.{}", host.endpoint.port, base);
    Result<net::Answer<net::Tlsa>> answer = co_await resolver.tlsa(std::move(name));
    if (!answer && is_absence(answer.error())) continue;
    if (!answer && answer.error() == net::Errc::shutting_down) {
      throw std::system_error(net::make_error_code(net::Errc::shutting_down));
    }
    if (!answer) co_return answer.error();
    // Anybody may have written it.
    if (!answer->authentic) continue;
    co_return demand_for(host, base, std::move(answer->records));
  }
  Demand nothing;
  nothing.peer.name = host.name;
  co_return nothing;
}

}  // namespace mailpod::queue
