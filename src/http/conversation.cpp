#include "conversation.hpp"

#include <algorithm>
#include <exception>

#include <fmt/format.h>

#include <mailpod/http/writer.hpp>
#include <mailpod/net/error.hpp>
#include <mailpod/text/ascii.hpp>

namespace mailpod::http {
namespace {

using boost::asio::awaitable;

constexpr std::size_t one_write = 64 * 1024;  // octets

/// What people see who are refused. Nothing of the request stands in it.
Response plain(unsigned status) {
  Response response{status, {}, fmt::format("{} {}\r\n", status, reason_phrase(status))};
  response.fields.add("Content-Type", "text/plain; charset=utf-8");
  return response;
}

Response not_routed(const Router::Found& found) {
  if (found.allowed.empty()) return plain(404);
  Response response = plain(405);
  response.fields.add("Allow", found.allowed);
  return response;
}

/// RFC 9110 §13.2.2, as far as it concerns what is only read: nothing here changes by a method that has conditions.
Response judged_by_conditions(const Request& request, Response response) {
  const bool reads = request.method == Method::get || request.method == Method::head;
  const auto* tag = response.fields.find("etag");
  if (!reads || response.status != 200 || tag == nullptr) return response;
  const auto* match = request.fields.find("if-match");
  if (match != nullptr && !lists_entity_tag(*match, *tag)) return plain(412);
  const auto* none_match = request.fields.find("if-none-match");
  if (none_match == nullptr || !lists_entity_tag(*none_match, *tag)) return response;
  response.status = 304;
  response.content.clear();
  return response;
}

}  // namespace

awaitable<void> Conversation::run() {
  while (next_ == Next::request) {
    if (stint_.is_over()) {
      auto pause = stint_.pause();
      co_await std::move(pause);
    }
    auto waiting = intake_.wait(settings_.idle_timeout);
    const auto wake = co_await std::move(waiting);
    if (wake != net::Wake::input) co_return;
    auto serving = serve_one();
    next_ = co_await std::move(serving);
  }
}

awaitable<Conversation::Next> Conversation::serve_one() {
  intake_.set_deadline(stream_.now() + settings_.head_timeout);
  auto reading_head = intake_.read_head(settings_.limits);
  const auto head = co_await std::move(reading_head);
  if (head && head->empty()) co_return Next::close;
  auto request = head ? parse_request_head(*head, settings_.limits) : Result<Request>(head.error());
  const auto framing = request ? framing_of(*request) : Result<Framing>(request.error());
  if (!framing) {
    auto refusing = refuse(framing.error());
    co_return co_await std::move(refusing);
  }
  ++served_;
  next_ = is_last(*request) ? Next::close : Next::request;
  auto found = ports_.router.find(request->method, request->path);
  if (found.route != nullptr) {
    auto reading_content = read_content(*request, *framing);
    const Status read = co_await std::move(reading_content);
    if (!read) {
      auto refusing = refuse(read.error());
      co_return co_await std::move(refusing);
    }
  } else if (framing->kind != Framing::Kind::none) {
    next_ = Next::close;  // what nobody wants is not read
  }
  auto responding = respond(*request, std::move(found));
  auto response = co_await std::move(responding);
  auto saying = say(*request, std::move(response));
  co_await std::move(saying);
  co_return next_;
}

awaitable<Conversation::Next> Conversation::refuse(boost::system::error_code why) {
  if (why == net::Errc::peer_closed) co_return Next::close;
  const auto status = status_for(why);
  ports_.log.info("http refused client={} status={}", stream_.peer().address, status);
  next_ = Next::close;
  const Request none;
  auto saying = say(none, plain(status));
  co_await std::move(saying);
  co_return Next::close;
}

/// Content is asked for only where the client waits for that, and somebody wants it. RFC 9110 §10.1.1
awaitable<Status> Conversation::read_content(Request& request, const Framing& framing) {
  const auto* expectation = request.fields.find("expect");
  if (expectation != nullptr && !text::equal_fold(*expectation, "100-continue"))
    co_return make_error_code(Errc::expectation_unknown);
  if (framing.kind == Framing::Kind::none) co_return Status{};
  if (framing.length > settings_.limits.content) co_return make_error_code(Errc::content_too_large);
  if (expectation != nullptr && request.version != Version::http_1_0 && intake_.is_empty()) {
    Share nothing(under_way_, 0, {});
    auto asking = write("HTTP/1.1 100 Continue\r\n\r\n", nothing);
    co_await std::move(asking);
  }
  intake_.set_deadline(stream_.now() + settings_.content_timeout);
  auto reading = intake_.read_content(framing, settings_.limits);
  auto content = co_await std::move(reading);
  if (!content) co_return content.error();
  request.content = std::move(*content);
  co_return Status{};
}

awaitable<Response> Conversation::respond(const Request& request, Router::Found found) {
  if (found.route == nullptr) co_return not_routed(found);
  const Visit visit{request, std::move(found.captured), stream_.peer(), stream_.tls()};
  std::string trouble;
  try {
    auto responding = found.route->respond(visit);
    auto response = co_await std::move(responding);
    co_return response;
  } catch (const std::exception& failure) {
    trouble = failure.what();
  }
  ports_.log.error("http failed route={} reason=\"{}\"", found.route->path, base::printable(trouble));
  co_return plain(500);
}

awaitable<void> Conversation::say(const Request& request, Response response) {
  response = judged_by_conditions(request, std::move(response));
  Share share(under_way_, response.content.size(), {settings_.small_answer, settings_.answers});
  if (!share.granted()) {
    response = plain(503);
    response.fields.add("Retry-After", "10");
  }
  complete(response);
  ports_.log.debug("http method={} status={} octets={}", write_method(request.method), response.status,
                   response.content.size());
  std::string octets = write_response_head(response);
  if (request.method != Method::head) octets += response.content;
  std::string().swap(response.content);
  auto writing = write(octets, share);
  co_await std::move(writing);
}

awaitable<void> Conversation::write(std::string_view octets, Share& share) {
  // One deadline for all of it: who takes an octet now and then holds no answer for hours.
  const auto deadline = stream_.now() + settings_.answer_timeout;
  for (std::size_t at = 0; at < octets.size(); at += one_write) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - stream_.now());
    stream_.set_timeout(std::max(left, std::chrono::milliseconds(1)));
    const auto piece = octets.substr(at, one_write);
    auto writing = stream_.write(piece);
    co_await std::move(writing);
    share.give_back(piece.size());
  }
}

/// What each answer says.
void Conversation::complete(Response& response) const {
  auto& fields = response.fields;
  fields.set("Date", write_date(ports_.clock.now()));
  fields.set("X-Content-Type-Options", "nosniff");
  if (response.status == 200) fields.set("Accept-Ranges", "none");
  if (next_ == Next::close) fields.set("Connection", "close");
  if (stream_.secure() && settings_.strict_transport.count() > 0)
    fields.set("Strict-Transport-Security", fmt::format("max-age={}", settings_.strict_transport.count()));
}

bool Conversation::is_last(const Request& request) const {
  return request.version == Version::http_1_0 || request.fields.lists("connection", "close") ||
         served_ >= settings_.requests || stream_.now() >= until_;
}

}  // namespace mailpod::http
