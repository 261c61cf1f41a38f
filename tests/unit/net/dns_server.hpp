#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

namespace mailpod::net {

/// A name as the wire has it (RFC 1035 §3.1); for tests, so whatever stands between the dots.
std::string wire_name(const std::string& name);
std::string wire_u16(unsigned value);

/// A DNS server of a test's own, on one loopback port with UDP and TCP. It lives on the test's loop, and says what the
/// test's function says.
class DnsServer {
public:
  struct Question {
    std::string packet;
    std::string name;  ///< lower case
    unsigned type = 0;
    bool over_tcp = false;
  };
  struct Record {
    std::string name;
    unsigned type = 0;
    std::string rdata;
    unsigned ttl = 300;  ///< seconds
  };
  struct Reply {
    unsigned rcode = 0;
    std::vector<Record> answer;
    bool truncated = false;
  };
  /// The packets sent back, perhaps none.
  using Answering = std::function<std::vector<std::string>(const Question&)>;

  DnsServer(boost::asio::io_context& loop, Answering answering);
  ~DnsServer();

  /// As ResolverSettings::servers has it.
  std::string address() const;
  /// Whatever was asked, in order.
  const std::vector<Question>& asked() const;

  /// A well-formed answer; without records it carries the SOA that makes a resolver believe it.
  static std::string packet(const Question& to, const Reply& reply);

  struct State;

private:
  std::shared_ptr<State> state_;
};

}  // namespace mailpod::net
