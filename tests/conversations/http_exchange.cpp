#include "http_exchange.hpp"

#include <charconv>
#include <map>
#include <stdexcept>

namespace mailpod::conversations {
namespace {

using boost::asio::awaitable;
using http::Response;
using http::Visit;

http::Responder always(Response (*answer)(const Visit&)) {
  return [answer](const Visit& visit) -> awaitable<Response> { co_return answer(visit); };
}

http::Router table() {
  using http::Method;
  return http::Router({
      {Method::get, "/", always([](const Visit&) {
         Response response{200, {}, "hello\r\n"};
         response.fields.add("ETag", "\"v1\"");
         return response;
       })},
      {Method::get, "/host", always([](const Visit& visit) { return Response{200, {}, visit.request.host + "\r\n"}; })},
      {Method::get, "/large", always([](const Visit&) { return Response{200, {}, std::string(98, 'x') + "\r\n"}; })},
      {Method::get, "/fails", always([](const Visit&) -> Response { throw std::runtime_error("on purpose"); })},
      {Method::post, "/echo",
       always([](const Visit& visit) { return Response{200, {}, visit.request.content + "\r\n"}; })},
  });
}

std::uint64_t number_behind(std::string_view words) {
  const auto digits = words.substr(words.rfind(' ') + 1);
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

}  // namespace

HttpExchange::HttpExchange(std::uint64_t wire_seed)
    : ServerExchange(wire_seed),
      time_(loop_, clock_),
      router_(table()),
      server_({router_, clock_, base::silent_log()}) {
  wire_.time = &time_;
}

HttpExchange::~HttpExchange() {
  hang_up();
}

void HttpExchange::given(std::string_view words) {
  const auto value = number_behind(words);
  const std::chrono::seconds seconds(value);
  const std::string name(words.substr(0, words.find(' ')));
  const std::map<std::string, std::function<void()>, std::less<>> known{
      {"tls", [&] { wire_.secure = true; }},
      {"start_line", [&] { settings_.limits.start_line = value; }},
      {"head", [&] { settings_.limits.head = value; }},
      {"fields", [&] { settings_.limits.fields = value; }},
      {"content", [&] { settings_.limits.content = value; }},
      {"idle_timeout", [&] { settings_.idle_timeout = seconds; }},
      {"head_timeout", [&] { settings_.head_timeout = seconds; }},
      {"content_timeout", [&] { settings_.content_timeout = seconds; }},
      {"lifetime", [&] { settings_.lifetime = seconds; }},
      {"requests", [&] { settings_.requests = static_cast<unsigned>(value); }},
      {"small_answer", [&] { settings_.small_answer = value; }},
      {"answers", [&] { settings_.answers = value; }},
      {"strict_transport", [&] { settings_.strict_transport = seconds; }},
  };
  const auto found = known.find(name);
  if (found == known.end()) throw std::runtime_error("given what? " + std::string(words));
  found->second();
}

void HttpExchange::connect(std::size_t client) {
  if (open() != client) throw std::runtime_error("clients come in their order");
}

awaitable<void> HttpExchange::serve(net::Stream& client) {
  return server_.converse(client, settings_);
}

bool HttpExchange::act(std::size_t, std::string_view words) {
  if (!words.ends_with(" seconds pass")) return false;
  time_.run_for(std::chrono::seconds(number_behind(words.substr(0, words.find(' ')))));
  return true;
}

void HttpExchange::run() {
  time_.run_for(std::chrono::microseconds(0));
}

}  // namespace mailpod::conversations
