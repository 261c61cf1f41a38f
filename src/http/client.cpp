#include <mailpod/http/client.hpp>

#include <arpa/inet.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <boost/system/system_error.hpp>

#include <mailpod/net/error.hpp>
#include <mailpod/text/ascii.hpp>

#include "intake.hpp"

namespace mailpod::http {
namespace {

using boost::asio::awaitable;

constexpr unsigned most_provisional = 8;

/// What is not what it says it is could end a line, or make a request that the server reads otherwise.
bool may_be_asked(const Client::Asked& asked) {
  constexpr std::string_view ours[] = {"host",       "user-agent",        "accept-encoding", "connection",
                                       "keep-alive", "transfer-encoding", "content-length",  "te",
                                       "trailer",    "upgrade",           "expect"};
  const auto parsed = parse_url(asked.url.str());
  return parsed && *parsed == asked.url &&
         std::ranges::none_of(ours, [&](std::string_view name) { return asked.fields.count(name) != 0; });
}

std::string written_request(const Client::Asked& asked, const ClientSettings& settings) {
  const auto& url = asked.url;
  const bool usual_port = url.port == (url.scheme == Url::Scheme::https ? 443 : 80);
  Fields fields;
  fields.add("Host", usual_port ? url.host : fmt::format("{}:{}", url.host, url.port));
  fields.add("User-Agent", settings.user_agent);
  fields.add("Accept-Encoding", "identity");
  fields.add("Connection", "close");
  // RFC 9110 §8.6: where content is what the method is about, there being none is said.
  const bool brings = asked.method == Method::post || asked.method == Method::put || asked.method == Method::patch;
  if (brings || !asked.content.empty()) fields.add("Content-Length", std::to_string(asked.content.size()));
  std::string out = fmt::format("{} {} HTTP/1.1\r\n", write_method(asked.method), url.target);
  for (const Fields* list : {&std::as_const(fields), &asked.fields}) {
    for (const auto& field : *list) out += fmt::format("{}: {}\r\n", field.name, field.value);
  }
  return out + "\r\n" + asked.content;
}

/// One request and its answer on a connection that is there.
class Exchange {
public:
  Exchange(net::Stream& stream, const ClientSettings& settings)
      : stream_(stream), settings_(settings), intake_(stream) {}

  awaitable<Result<Response>> perform(const Client::Asked& asked, std::chrono::milliseconds limit) {
    intake_.set_deadline(stream_.now() + limit);
    stream_.set_timeout(limit);
    const std::string request = written_request(asked, settings_);
    auto writing = stream_.write(request);
    co_await std::move(writing);
    for (unsigned provisional = 0; provisional < most_provisional; ++provisional) {
      auto reading = read_one(asked.method);
      auto response = co_await std::move(reading);
      if (!response || response->status >= 200) co_return response;
    }
    co_return make_error_code(Errc::too_many_provisional);
  }

private:
  awaitable<Result<Response>> read_one(Method method) {
    auto reading_head = intake_.read_head(settings_.limits);
    const auto head = co_await std::move(reading_head);
    if (!head) co_return head.error();
    if (head->empty()) co_return make_error_code(net::Errc::peer_closed);
    auto response = parse_response_head(*head, settings_.limits);
    if (!response) co_return response;
    const auto framing = framing_of(*response, method, version_of_response(*head));
    if (!framing) co_return framing.error();
    const auto* coding = response->fields.find("content-encoding");
    if (coding != nullptr && !text::equal_fold(*coding, "identity")) co_return make_error_code(Errc::content_coding);
    auto reading_content = intake_.read_content(*framing, settings_.limits);
    auto content = co_await std::move(reading_content);
    if (!content) co_return content.error();
    response->content = std::move(*content);
    co_return response;
  }

  net::Stream& stream_;
  const ClientSettings& settings_;
  Intake intake_;
};

/// Runs it, and what it throws of the network's is what it answers.
template <class T>
awaitable<Result<T>> caught(awaitable<Result<T>> attempt) {
  std::error_code failure;
  try {
    auto result = co_await std::move(attempt);
    co_return result;
  } catch (const std::system_error& thrown) {
    failure = thrown.code();
  } catch (const boost::system::system_error& thrown) {
    failure = thrown.code();
  }
  co_return boost::system::error_code(failure);
}

bool is_numeric(const std::string& host) {
  in_addr ignored{};
  return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1;
}

bool is_stopping(const boost::system::error_code& error) {
  return error == make_error_code(net::Errc::shutting_down);
}

/// Addresses of a name, IPv6 and IPv4 in turn: where one family leads nowhere, the other comes soon.
awaitable<Result<std::vector<std::string>>> addresses_of(net::Resolver& resolver, std::string host) {
  std::vector<std::string> found;
  if (is_numeric(host)) {
    found.push_back(std::move(host));
    co_return found;
  }
  auto asking_v6 = resolver.addresses(host, net::Family::ipv6);
  const auto v6 = co_await std::move(asking_v6);
  auto asking_v4 = resolver.addresses(host, net::Family::ipv4);
  const auto v4 = co_await std::move(asking_v4);
  const auto none = std::vector<std::string>();
  const auto& first = v6 ? v6->records : none;
  const auto& second = v4 ? v4->records : none;
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) found.push_back(first[i]);
    if (i < second.size()) found.push_back(second[i]);
  }
  if (!found.empty()) co_return found;
  const bool answered = !v4 && (v4.error() == net::Errc::no_such_name || v4.error() == net::Errc::no_such_record);
  if (!v4 && !answered) co_return v4.error();
  if (!v6 && v6.error() != net::Errc::no_such_name && v6.error() != net::Errc::no_such_record) co_return v6.error();
  co_return make_error_code(Errc::no_such_address);
}

/// Where a redirect leads, if it may be followed: another place by https, or one on the same server.
std::optional<Url> followed(const Response& response, const Url& from) {
  const auto* location = response.fields.find("location");
  if (location == nullptr) return std::nullopt;
  auto to = location->starts_with('/') && !location->starts_with("//")
                ? parse_url(fmt::format("{}{}", Url{from.scheme, from.host, from.port, ""}.str(), *location))
                : parse_url(*location);
  if (to && from.scheme == Url::Scheme::https && to->scheme != Url::Scheme::https) return std::nullopt;
  return to;
}

bool is_redirect(const Response& response, Method method) {
  constexpr unsigned redirects[] = {301, 302, 303, 307, 308};
  return method == Method::get && std::ranges::find(redirects, response.status) != std::end(redirects);
}

awaitable<Result<std::unique_ptr<net::Stream>>> open(net::Dialer& dialer, net::Endpoint to,
                                                     std::chrono::milliseconds limit) {
  auto dialling = dialer.connect(std::move(to), limit);
  auto stream = co_await std::move(dialling);
  co_return stream;
}

awaitable<Result<std::unique_ptr<net::Stream>>> secured(std::unique_ptr<net::Stream> stream, const Url& url,
                                                        std::chrono::milliseconds limit) {
  stream->set_timeout(limit);
  stream->set_application_protocol("http/1.1");
  auto shaking_hands = stream->start_client_tls(url.host);
  co_await std::move(shaking_hands);
  if (!stream->tls().verified) co_return make_error_code(Errc::certificate_refused);
  co_return stream;
}

}  // namespace

std::chrono::milliseconds Client::left_until(Deadline deadline) const {
  return std::chrono::ceil<std::chrono::milliseconds>(deadline - ports_.clock.monotonic());
}

awaitable<Result<Response>> Client::fetch(Asked asked) const {
  const Deadline deadline = ports_.clock.monotonic() + settings_.whole;
  for (unsigned redirects = 0;; ++redirects) {
    if (!may_be_asked(asked)) co_return std::make_error_code(std::errc::invalid_argument);
    auto fetching = fetch_once(asked, deadline);
    auto response = co_await std::move(fetching);
    if (!response || settings_.redirects == 0 || !is_redirect(*response, asked.method)) co_return response;
    auto next = followed(*response, asked.url);
    if (!next || redirects == settings_.redirects) co_return make_error_code(Errc::too_many_redirects);
    // What was meant for one server is not for another.
    if (next->host != asked.url.host || next->port != asked.url.port) {
      asked.fields = Fields();
      asked.content.clear();
    }
    asked.url = std::move(*next);
  }
}

awaitable<Result<Response>> Client::fetch_once(const Asked& asked, Deadline deadline) const {
  auto connecting = connect(asked.url, deadline);
  auto stream = co_await std::move(connecting);
  if (!stream) co_return stream.error();
  const auto left = left_until(deadline);
  if (left.count() <= 0) co_return std::make_error_code(std::errc::timed_out);
  Exchange exchange(**stream, settings_);
  auto performing = caught<Response>(exchange.perform(asked, left));
  auto response = co_await std::move(performing);
  auto closing = (*stream)->close();
  co_await std::move(closing);
  co_return response;
}

awaitable<Result<std::unique_ptr<net::Stream>>> Client::connect(const Url& url, Deadline deadline) const {
  auto asking = addresses_of(ports_.resolver, url.host);
  const auto addresses = co_await std::move(asking);
  if (!addresses) co_return addresses.error();
  boost::system::error_code failure = make_error_code(Errc::no_such_address);
  for (const auto& address : std::span(*addresses).first(std::min(addresses->size(), settings_.addresses))) {
    const auto to_open = std::min(settings_.connect, left_until(deadline));
    if (to_open.count() <= 0) co_return std::make_error_code(std::errc::timed_out);
    auto opening = caught<std::unique_ptr<net::Stream>>(open(ports_.dialer, net::Endpoint{address, url.port}, to_open));
    auto stream = co_await std::move(opening);
    const auto to_secure = std::min(settings_.connect, left_until(deadline));
    if (stream && to_secure.count() <= 0) co_return std::make_error_code(std::errc::timed_out);
    if (stream && url.scheme == Url::Scheme::https) {
      auto securing = caught<std::unique_ptr<net::Stream>>(secured(std::move(*stream), url, to_secure));
      stream = co_await std::move(securing);
    }
    if (stream) co_return stream;
    // Where one address shows a wrong certificate, that is what there is to say, whatever the others come to.
    if (failure != make_error_code(Errc::certificate_refused) || is_stopping(stream.error())) failure = stream.error();
    if (is_stopping(failure)) break;
  }
  co_return failure;
}

}  // namespace mailpod::http
