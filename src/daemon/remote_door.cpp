#include "remote_door.hpp"

#include <algorithm>
#include <charconv>
#include <future>
#include <system_error>
#include <vector>

#include <nlohmann/json.hpp>

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <mailpod/crypto/keys.hpp>
#include <mailpod/net/dialer.hpp>
#include <mailpod/net/lines.hpp>
#include <mailpod/net/loops.hpp>

namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;
using nlohmann::json;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds connect_limit{20'000};
constexpr std::chrono::milliseconds answer_limit{600'000};
constexpr std::size_t largest_answer = 64 * 1024 * 1024;
// The door waits ten seconds for a request, and takes none on a connection older than ten minutes.
constexpr std::chrono::seconds longest_rest{5};
constexpr std::chrono::minutes longest_life{5};

std::vector<net::Endpoint> endpoints_of(const DoorPlace& place) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (::getaddrinfo(place.host.c_str(), nullptr, &wanted, &found) != 0) return {};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  std::vector<net::Endpoint> out;
  for (const auto* each = found; each != nullptr; each = each->ai_next) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* address = each->ai_family == AF_INET
                              ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(each->ai_addr)->sin_addr)
                              : &reinterpret_cast<const sockaddr_in6*>(each->ai_addr)->sin6_addr;
    if (each->ai_family != AF_INET && each->ai_family != AF_INET6) continue;
    if (::inet_ntop(each->ai_family, address, text.data(), text.size()) != nullptr)
      out.push_back({text.data(), place.port});
  }
  return out;
}

bool is_host_name(std::string_view text) {
  const auto ordinary = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  in_addr ignored{};
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, ordinary) &&
         ::inet_pton(AF_INET, std::string(text).c_str(), &ignored) != 1;
}

}  // namespace

std::optional<DoorPlace> DoorPlace::parse(std::string_view text) {
  DoorPlace place;
  const auto colon = text.find(':');
  place.host = text.substr(0, colon);
  if (!is_host_name(place.host)) return std::nullopt;
  if (colon == std::string_view::npos) return place;
  const auto digits = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), place.port);
  if (error != std::errc() || end != digits.data() + digits.size() || place.port == 0) return std::nullopt;
  return place;
}

/// A loop of its own, and the stream that lives there.
struct RemoteDoor::Connection {
  explicit Connection(const std::string& authorities)
      : dialer(net::make_dialer(loops.executor(0), authorities)), opened(steady_clock::now()), rested(opened) {
    loops.start();
  }
  ~Connection() {
    hang_up();
    on_loop([this] { return forget_dialer(); });
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool is_fresh() const {
    const auto now = steady_clock::now();
    return now - rested < longest_rest && now - opened < longest_life;
  }

  void hang_up() {
    on_loop([this] { return close(); });
  }

  /// Runs it on the loop and waits; what it throws is thrown here.
  void on_loop(const std::function<net::awaitable<void>()>& conversation) {
    std::promise<void> promise;
    loops.spawn(loops.executor(0), "door", [&promise, &conversation] { return fulfil(promise, conversation); });
    promise.get_future().get();
  }

  // ---- on the loop
  net::awaitable<void> forget_dialer() {
    dialer.reset();
    co_return;
  }
  net::awaitable<void> close() {
    reader.reset();
    if (!stream) co_return;
    co_await stream->close();
    stream.reset();
  }
  net::awaitable<void> shake_hands(const net::Endpoint& endpoint, const std::string& host) {
    stream = co_await dialer->connect(endpoint, connect_limit);
    stream->set_timeout(connect_limit);
    co_await stream->start_client_tls(host);
  }
  net::awaitable<void> exchange(std::string_view request, net::Line& answer) {
    stream->set_timeout(answer_limit);
    co_await stream->write(request);
    answer = co_await reader->read_line(largest_answer, net::Overlong::stop);
  }
  static net::awaitable<void> fulfil(std::promise<void>& promise,
                                     const std::function<net::awaitable<void>()>& conversation) {
    try {
      auto talk = conversation();
      co_await std::move(talk);
      promise.set_value();
    } catch (...) {
      promise.set_exception(std::current_exception());
    }
  }

  net::Loops loops{base::silent_log(), 1};
  std::unique_ptr<net::Dialer> dialer;
  std::unique_ptr<net::Stream> stream;
  std::unique_ptr<net::LineReader> reader;
  steady_clock::time_point opened;
  steady_clock::time_point rested;
};

RemoteDoor::RemoteDoor(DoorPlace place, std::string authorities)
    : place_(std::move(place)), authorities_(std::move(authorities)) {}
RemoteDoor::~RemoteDoor() = default;

Complaint RemoteDoor::complaint(std::string what, std::string remedy) const {
  return {Errc::bad_value, fmt::format("{}:{}", place_.host, place_.port), 0, std::move(what), std::move(remedy)};
}

governance::Verdict<void> RemoteDoor::connect() {
  const auto endpoints = endpoints_of(place_);
  if (endpoints.empty()) return complaint("this name has no address", "look at what --at or MAILPOD_AT says");
  auto connection = std::make_unique<Connection>(authorities_);
  std::string trouble;
  for (const auto& endpoint : endpoints) {
    try {
      connection->on_loop([&] { return connection->shake_hands(endpoint, place_.host); });
      break;
    } catch (const std::system_error& failure) {
      trouble = failure.what();
      connection->hang_up();
    }
  }
  if (!connection->stream)
    return complaint(trouble, "ask the pod's administrators whether it has a members' door, and at which port");
  if (!connection->stream->tls().verified)
    return complaint("its certificate is not for this name, or from nobody that this machine trusts; nothing was sent",
                     "name the host as the certificate does; where the pod made its own, get it from its "
                     "administrators and name it with --ca");
  connection->reader = std::make_unique<net::LineReader>(*connection->stream);
  connection_ = std::move(connection);
  return {};
}

governance::Verdict<json> RemoteDoor::ask(const json& request) {
  if (connection_ && !connection_->is_fresh()) connection_.reset();
  if (!connection_) {
    if (const auto connected = connect(); !connected.has_value()) return connected.error();
  }
  auto text = request.dump(-1, ' ', false, json::error_handler_t::replace) + "\r\n";
  net::Line line;
  std::string trouble = "the connection ended before there was an answer";
  try {
    connection_->on_loop([&] { return connection_->exchange(text, line); });
  } catch (const std::system_error& failure) {
    trouble = failure.what();
  }
  crypto::wipe(text);
  json reply = line.kind == net::Line::Kind::complete ? json::parse(line.text, nullptr, false) : json();
  crypto::wipe(line.text);
  connection_->rested = steady_clock::now();
  const bool understood = reply.is_object() && (reply.contains("answer") || reply.contains("complaint"));
  if (!understood) {
    connection_.reset();
    return complaint(trouble, "look whether it was done before you try again");
  }
  return governance::Verdict<json>(boost::system::in_place_value, std::move(reply));
}

}  // namespace mailpod::daemon
