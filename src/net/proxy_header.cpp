#include <mailpod/net/proxy_header.hpp>

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <string>
#include <system_error>
#include <vector>

namespace mailpod::net {

namespace {

using State = ProxyHeader::State;

constexpr std::string_view signature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::string_view first_words = "PROXY ";
constexpr std::size_t fixed_part = 16;  // octets of version 2 before the addresses

ProxyHeader incomplete(std::size_t more) {
  return {State::incomplete, more, std::nullopt};
}
ProxyHeader malformed() {
  return {State::malformed, 0, std::nullopt};
}
ProxyHeader complete(std::optional<Endpoint> client) {
  return {State::complete, 0, std::move(client)};
}

// ---- version 1

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t port = 0;
  const bool leading_zero = digits.size() > 1 && digits.front() == '0';
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (leading_zero || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return port;
}

std::string canonical(int family, const void* octets) {
  std::array<char, INET6_ADDRSTRLEN> out{};
  return inet_ntop(family, octets, out.data(), out.size()) != nullptr ? out.data() : "";
}

/// As inet_ntop writes it; v4-mapped addresses appear as IPv4, as everywhere.
std::string text_of_v6(const unsigned char* octets) {
  in6_addr address{};
  std::copy(octets, octets + 16, address.s6_addr);
  if (IN6_IS_ADDR_V4MAPPED(&address)) return canonical(AF_INET, octets + 12);
  return canonical(AF_INET6, octets);
}

/// Empty if it is none of that family.
std::string parse_address(std::string_view family, std::string_view text) {
  std::array<unsigned char, 16> octets{};
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return {};
  if (family == "TCP4") {
    return inet_pton(AF_INET, terminated.c_str(), octets.data()) == 1 ? canonical(AF_INET, octets.data()) : "";
  }
  return inet_pton(AF_INET6, terminated.c_str(), octets.data()) == 1 ? text_of_v6(octets.data()) : "";
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t space = line.find(' ');
    words.push_back(line.substr(0, space));
    if (space == std::string_view::npos) return words;
    line.remove_prefix(space + 1);
  }
}

/// `line` without "PROXY " and CRLF.
ProxyHeader parse_line(std::string_view line) {
  const auto words = words_of(line);
  if (words[0] == "UNKNOWN") return complete(std::nullopt);
  if (words.size() != 5 || (words[0] != "TCP4" && words[0] != "TCP6")) return malformed();
  const std::string source = parse_address(words[0], words[1]);
  const std::string destination = parse_address(words[0], words[2]);
  const auto source_port = parse_port(words[3]);
  const auto destination_port = parse_port(words[4]);
  if (source.empty() || destination.empty() || !source_port || !destination_port) return malformed();
  return complete(Endpoint{source, *source_port});
}

ProxyHeader parse_first(std::string_view octets) {
  const std::size_t line_feed = octets.find('\n');
  if (line_feed == std::string_view::npos) {
    return octets.size() < longest_proxy_line ? incomplete(1) : malformed();
  }
  const bool ends = line_feed + 1 == octets.size() && octets.size() <= longest_proxy_line;
  if (!ends || octets[line_feed - 1] != '\r') return malformed();
  return parse_line(octets.substr(first_words.size(), line_feed - 1 - first_words.size()));
}

// ---- version 2

unsigned char octet_at(std::string_view octets, std::size_t at) {
  return static_cast<unsigned char>(octets[at]);
}

std::uint16_t number_at(std::string_view octets, std::size_t at) {
  return static_cast<std::uint16_t>(octet_at(octets, at) << 8 | octet_at(octets, at + 1));
}

/// `block` are the addresses and what follows them.
ProxyHeader parse_block(unsigned char command, unsigned char family, std::string_view block) {
  constexpr unsigned char local = 0x20;
  constexpr unsigned char proxy = 0x21;
  constexpr unsigned char unspecified = 0x00;
  constexpr unsigned char tcp4 = 0x11;
  constexpr unsigned char tcp6 = 0x21;
  if (command == local) return complete(std::nullopt);
  if (command != proxy) return malformed();
  const auto* const octets = reinterpret_cast<const unsigned char*>(block.data());
  if (family == unspecified) return complete(std::nullopt);
  if (family == tcp4 && block.size() >= 12) {
    return complete(Endpoint{canonical(AF_INET, octets), number_at(block, 8)});
  }
  if (family == tcp6 && block.size() >= 36) {
    return complete(Endpoint{text_of_v6(octets), number_at(block, 32)});
  }
  return malformed();
}

ProxyHeader parse_second(std::string_view octets) {
  if (octets.size() < fixed_part) return incomplete(fixed_part - octets.size());
  const std::size_t whole = fixed_part + number_at(octets, 14);
  if (whole > longest_proxy_header || octets.size() > whole) return malformed();
  if (octets.size() < whole) return incomplete(whole - octets.size());
  return parse_block(octet_at(octets, 12), octet_at(octets, 13), octets.substr(fixed_part));
}

}  // namespace

ProxyHeader parse_proxy_header(std::string_view octets) {
  // Both kinds are longer than the signature.
  if (octets.starts_with(first_words)) {
    return octets.size() < signature.size() ? incomplete(signature.size() - octets.size()) : parse_first(octets);
  }
  if (octets.starts_with(signature)) return parse_second(octets);
  const bool may_become = signature.starts_with(octets) || first_words.starts_with(octets);
  return may_become ? incomplete(signature.size() - octets.size()) : malformed();
}

awaitable<std::optional<Endpoint>> read_proxy_header(Stream& stream) {
  std::string octets;
  while (true) {
    const ProxyHeader header = parse_proxy_header(octets);
    if (header.state == State::complete) co_return header.client;
    if (header.state == State::malformed) break;
    const std::size_t before = octets.size();
    octets.resize(before + header.more);
    const std::span<char> room(octets.data() + before, header.more);
    const std::size_t count = co_await stream.read_some(room);
    if (count == 0) throw std::system_error(make_error_code(Errc::peer_closed), "PROXY header");
    octets.resize(before + count);
  }
  throw std::system_error(std::make_error_code(std::errc::protocol_error), "PROXY header");
}

}  // namespace mailpod::net
