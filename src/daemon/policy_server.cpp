#include "policy_server.hpp"

#include <optional>
#include <system_error>
#include <utility>
#include <variant>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/this_coro.hpp>

#include <mailpod/net/address_space.hpp>
#include <mailpod/net/error.hpp>
#include <mailpod/queue/error.hpp>
#include <mailpod/text/ascii.hpp>

namespace mailpod::daemon {
namespace {

// RFC 8461 §3.3: no redirects, 64 KiB, a minute, for which the policy server has its own alarm.
http::ClientSettings settings() {
  http::ClientSettings settings;
  settings.connect = std::chrono::seconds(7);
  settings.whole = std::chrono::seconds(30);
  settings.addresses = 4;
  settings.redirects = 0;
  settings.limits.content = 64 * 1024;
  return settings;
}

/// RFC 8461 §3.2; with whatever charset.
bool is_plain_text(const std::string* type) {
  if (type == nullptr) return false;
  return text::equal_fold(text::trim(std::string_view(*type).substr(0, type->find(';'))), "text/plain");
}

/// Whether a name that any stranger may have written leads where we may be led.
bool may_be_asked(const std::string& text, const PolicyServer::Settings& settings) {
  if (net::is_global(text)) return true;
  boost::system::error_code unreadable;
  const auto address = boost::asio::ip::make_address(text, unreadable);
  if (unreadable) return false;
  return address.is_loopback() ? settings.loopback : settings.private_networks;
}

}  // namespace

http::Client::Asked policy_request(const std::string& domain) {
  http::Client::Asked asked;
  asked.url.host = "mta-sts." + domain;
  asked.url.target = "/.well-known/mta-sts.txt";
  return asked;
}

Result<std::string> policy_in(Result<http::Response> answer) {
  if (!answer && answer.error() == make_error_code(http::Errc::certificate_refused)) {
    return queue::Errc::policy_untrusted;
  }
  if (!answer) return answer.error();
  if (answer->status != 200 || !is_plain_text(answer->fields.find("content-type"))) return queue::Errc::policy_refused;
  return std::move(answer->content);
}

PolicyServer::PolicyServer(http::Client::Ports ports, net::Alarms& alarms, const Settings& wanted)
    : dialer_(ports.dialer, wanted),
      alarms_(alarms),
      whole_(wanted.whole),
      client_({dialer_, ports.resolver, ports.clock}, settings()) {}

boost::asio::awaitable<std::unique_ptr<net::Stream>> PolicyServer::Outward::connect(net::Endpoint to,
                                                                                    std::chrono::milliseconds limit) {
  if (!may_be_asked(to.address, settings_)) {
    throw std::system_error(std::make_error_code(std::errc::host_unreachable), "it leads to no host of the internet");
  }
  auto connecting = dialer_.connect(std::move(to), limit);
  auto stream = co_await std::move(connecting);
  co_return stream;
}

/// The alarm that rings first cancels the rest.
boost::asio::awaitable<Result<std::string>> PolicyServer::fetch(std::string domain) {
  using namespace boost::asio::experimental::awaitable_operators;
  if (stopped_) co_return make_error_code(net::Errc::shutting_down);
  const auto asked = policy_request(domain);
  const auto loop = co_await boost::asio::this_coro::executor;
  const auto alarm = alarms_.make(loop);
  running_.insert(alarm.get());
  auto racing = client_.fetch(asked) || alarm->wait(whole_);
  std::error_code failure = std::make_error_code(std::errc::timed_out);
  std::optional<Result<http::Response>> answer;
  try {
    auto first = co_await std::move(racing);
    if (auto* response = std::get_if<0>(&first)) answer.emplace(std::move(*response));
  } catch (const std::system_error& thrown) {
    failure = thrown.code();
  } catch (const std::exception&) {
    // Cancelled before it could say why.
  }
  running_.erase(alarm.get());
  if (stopped_) co_return make_error_code(net::Errc::shutting_down);
  if (!answer) co_return boost::system::error_code(failure);
  co_return policy_in(std::move(*answer));
}

void PolicyServer::stop() {
  stopped_ = true;
  dialer_.stop();
  for (net::Alarm* alarm : running_) alarm->cancel();
}

}  // namespace mailpod::daemon
