#include "command_exchange.hpp"

#include <algorithm>
#include <system_error>

namespace mailpod::smtp {

using boost::asio::awaitable;
using namespace std::chrono_literals;

void CommandExchange::begin_transaction() {
  transaction_end_ = stream_.now() + settings_.transaction;
}

CommandExchange::milliseconds CommandExchange::within_transaction(milliseconds limit) const {
  if (!transaction_end_) return limit;
  const auto left = std::chrono::ceil<milliseconds>(*transaction_end_ - stream_.now());
  if (left <= 0ms) throw std::system_error(std::make_error_code(std::errc::timed_out), "transaction");
  return std::min(limit, left);
}

awaitable<void> CommandExchange::say(std::string commands) {
  if (!in_step()) fail_protocol("a reply to no command");
  stream_.set_timeout(within_transaction(settings_.command));
  co_await stream_.write(commands);
}

awaitable<ServerReply> CommandExchange::hear(milliseconds limit) {
  const milliseconds left = within_transaction(limit);
  ServerReply reply = co_await read_reply(stream_, lines_, settings_, left);
  if (reply.answer.code == 421) closing = true;
  co_return reply;
}

awaitable<Answer> CommandExchange::hear_completion(milliseconds limit) {
  ServerReply reply = co_await hear(limit);
  if (reply.answer.code >= 300 && reply.answer.code < 400) fail_protocol("a 3yz reply to what needs none");
  co_return std::move(reply.answer);
}

awaitable<void> CommandExchange::write_block(std::string_view octets) {
  stream_.set_timeout(within_transaction(settings_.data_block));
  co_await stream_.write(octets);
}

awaitable<bool> CommandExchange::server_has_spoken() {
  const net::Wake wake = co_await lines_.wait_input(0ms);
  co_return wake == net::Wake::input;
}

awaitable<void> CommandExchange::give_way() {
  if (stint_.is_over()) co_await stint_.pause();
}

awaitable<void> CommandExchange::begin_tls(net::TlsPeer peer) {
  const bool early = co_await server_has_spoken();
  if (early) fail_protocol("the server went on before TLS");
  stream_.set_timeout(settings_.command);
  co_await stream_.start_client_tls(std::move(peer));
}

}  // namespace mailpod::smtp
