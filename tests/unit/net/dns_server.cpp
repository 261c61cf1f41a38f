#include "dns_server.hpp"

#include <array>

#include <fmt/format.h>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace mailpod::net {

namespace {

using boost::asio::awaitable;
using boost::asio::use_awaitable;
using Tcp = boost::asio::ip::tcp;
using Udp = boost::asio::ip::udp;

constexpr std::size_t header_size = 12;  // octets
constexpr unsigned type_soa = 6;

unsigned u16_at(const std::string& octets, std::size_t at) {
  return static_cast<unsigned>(static_cast<unsigned char>(octets.at(at)) << 8U) |
         static_cast<unsigned char>(octets.at(at + 1));
}

DnsServer::Question parse(std::string packet, bool over_tcp) {
  DnsServer::Question question{std::move(packet), {}, 0, over_tcp};
  std::size_t at = header_size;
  while (const auto length = static_cast<unsigned char>(question.packet.at(at))) {
    if (!question.name.empty()) question.name += '.';
    for (const char octet : question.packet.substr(at + 1, length)) {
      question.name += static_cast<char>(std::tolower(static_cast<unsigned char>(octet)));
    }
    at += 1U + length;
  }
  question.type = u16_at(question.packet, at + 1);
  return question;
}

/// The question as the packet has it.
std::string echoed(const DnsServer::Question& question) {
  return question.packet.substr(header_size, wire_name(question.name).size() + 4);
}

std::string written(const DnsServer::Record& record) {
  return wire_name(record.name) + wire_u16(record.type) + wire_u16(1) + wire_u16(record.ttl >> 16U) +
         wire_u16(record.ttl & 0xFFFFU) + wire_u16(static_cast<unsigned>(record.rdata.size())) + record.rdata;
}

}  // namespace

std::string wire_u16(unsigned value) {
  return {static_cast<char>(value >> 8U & 0xFFU), static_cast<char>(value & 0xFFU)};
}

std::string wire_name(const std::string& name) {
  std::string out;
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t dot = std::min(name.find('.', at), name.size());
    out += static_cast<char>(dot - at);
    out += name.substr(at, dot - at);
    at = dot + 1;
  }
  return out + '\0';
}

struct DnsServer::State {
  State(boost::asio::io_context& loop, Answering a)
      : udp(loop, Udp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
        tcp(loop, Tcp::endpoint(boost::asio::ip::address_v4::loopback(), udp.local_endpoint().port())),
        answering(std::move(a)) {}

  std::vector<std::string> answers(std::string packet, bool over_tcp) {
    asked.push_back(parse(std::move(packet), over_tcp));
    return answering(asked.back());
  }

  static awaitable<void> serve_udp(std::shared_ptr<State> self) {
    std::array<char, 4096> room;
    Udp::endpoint from;
    while (true) {
      const std::size_t count = co_await self->udp.async_receive_from(boost::asio::buffer(room), from, use_awaitable);
      for (const auto& packet : self->answers(std::string(room.data(), count), false)) {
        self->udp.send_to(boost::asio::buffer(packet), from);
      }
    }
  }
  static awaitable<void> serve_tcp(std::shared_ptr<State> self) {
    while (true) {
      Tcp::socket peer = co_await self->tcp.async_accept(use_awaitable);
      std::string size(2, '\0');
      co_await boost::asio::async_read(peer, boost::asio::buffer(size), use_awaitable);
      std::string packet(u16_at(size, 0), '\0');
      co_await boost::asio::async_read(peer, boost::asio::buffer(packet), use_awaitable);
      for (const auto& answer : self->answers(packet, true)) {
        const std::string framed = wire_u16(static_cast<unsigned>(answer.size())) + answer;
        co_await boost::asio::async_write(peer, boost::asio::buffer(framed), use_awaitable);
      }
    }
  }

  Udp::socket udp;
  Tcp::acceptor tcp;
  Answering answering;
  std::vector<Question> asked;
};

DnsServer::DnsServer(boost::asio::io_context& loop, Answering answering)
    : state_(std::make_shared<State>(loop, std::move(answering))) {
  boost::asio::co_spawn(loop, State::serve_udp(state_), boost::asio::detached);
  boost::asio::co_spawn(loop, State::serve_tcp(state_), boost::asio::detached);
}

DnsServer::~DnsServer() {
  state_->udp.close();
  state_->tcp.close();
}

std::string DnsServer::address() const {
  return fmt::format("127.0.0.1@{}", state_->udp.local_endpoint().port());
}

const std::vector<DnsServer::Question>& DnsServer::asked() const {
  return state_->asked;
}

std::string DnsServer::packet(const Question& to, const Reply& reply) {
  const bool empty = reply.answer.empty() && reply.rcode != 2 && !reply.truncated;
  // QR, RD, RA (RFC 1035 §4.1.1)
  const unsigned flags = 0x8180U | (reply.truncated ? 0x0200U : 0U) | reply.rcode;
  std::string out = to.packet.substr(0, 2) + wire_u16(flags) + wire_u16(1) +
                    wire_u16(static_cast<unsigned>(reply.answer.size())) + wire_u16(empty ? 1 : 0) + wire_u16(0) +
                    echoed(to);
  for (const auto& record : reply.answer) out += written(record);
  if (empty) out += written({"", type_soa, wire_name("") + wire_name("") + std::string(20, '\0'), 60});
  return out;
}

}  // namespace mailpod::net
