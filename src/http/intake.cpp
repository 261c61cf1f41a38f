#include "intake.hpp"

#include <mailpod/net/error.hpp>

namespace mailpod::http {
namespace {

// The first read after a pause takes this much; a peer that filled it gets more.
constexpr std::size_t idle_read = 2 * 1024;   // octets
constexpr std::size_t busy_read = 16 * 1024;  // octets

}  // namespace

boost::asio::awaitable<net::Wake> Intake::wait(std::chrono::milliseconds limit) {
  if (!octets_.empty()) co_return net::Wake::input;
  auto waiting = stream_.wait_input(limit);
  const auto wake = co_await std::move(waiting);
  co_return wake;
}

boost::asio::awaitable<Result<std::string>> Intake::read_head(const MessageLimits& limits) {
  std::size_t looked_at = 0;
  bool passed_over = false;
  while (true) {
    if (!passed_over && octets_.starts_with("\r\n")) {
      consume(2);
      passed_over = true;
    }
    const bool may_be_passed_over = !passed_over && octets_ == "\r";
    const auto end = may_be_passed_over ? std::optional<std::size_t>() : find_head_end(octets_, looked_at, limits);
    if (!end) co_return end.error();
    if (*end) {
      std::string head = octets_.substr(0, **end);
      consume(**end);
      co_return head;
    }
    looked_at = may_be_passed_over ? 0 : octets_.size();
    auto receiving = receive();
    const Status received = co_await std::move(receiving);
    if (!received && received.error() == net::Errc::peer_closed && octets_.empty()) co_return std::string();
    if (!received) co_return received.error();
  }
}

boost::asio::awaitable<Result<std::string>> Intake::read_content(const Framing& framing, const MessageLimits& limits) {
  auto reader = ContentReader::of(framing, limits);
  if (!reader) co_return reader.error();
  while (true) {
    const auto taken = reader->take(octets_);
    if (!taken) co_return taken.error();
    consume(*taken);
    if (reader->is_done()) co_return std::move(*reader).content();
    auto receiving = receive();
    const Status received = co_await std::move(receiving);
    if (!received) co_return received.error();
  }
}

boost::asio::awaitable<Status> Intake::receive() {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - stream_.now());
  if (left.count() <= 0) co_return std::make_error_code(std::errc::timed_out);
  auto waiting = stream_.wait_input(left);
  const auto wake = co_await std::move(waiting);
  if (wake != net::Wake::input) co_return std::make_error_code(std::errc::timed_out);
  stream_.set_timeout(left);
  std::string room(next_, '\0');
  auto reading = stream_.read_some(room);
  const std::size_t received = co_await std::move(reading);
  if (received == 0) co_return make_error_code(net::Errc::peer_closed);
  next_ = received == room.size() ? busy_read : idle_read;
  octets_.append(room, 0, received);
  co_return Status{};
}

void Intake::consume(std::size_t count) {
  octets_.erase(0, count);
  if (octets_.empty()) std::string().swap(octets_);
}

}  // namespace mailpod::http
