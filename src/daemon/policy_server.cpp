#include "policy_server.hpp"

#include <mailpod/queue/error.hpp>
#include <mailpod/text/ascii.hpp>

namespace mailpod::daemon {
namespace {

// RFC 8461 §3.3: no redirects, 64 KiB, a minute: four addresses of seven seconds each, and half a minute for the rest.
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

PolicyServer::PolicyServer(http::Client::Ports ports) : client_(ports, settings()) {}

boost::asio::awaitable<Result<std::string>> PolicyServer::fetch(std::string domain) {
  const auto asked = policy_request(domain);
  auto fetching = client_.fetch(asked);
  auto answer = co_await std::move(fetching);
  co_return policy_in(std::move(answer));
}

}  // namespace mailpod::daemon
