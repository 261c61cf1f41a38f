#include <array>
#include <utility>

#include <mailpod/message/header_edit.hpp>
#include <mailpod/text/unicode.hpp>

#include "lexer.hpp"

namespace mailpod::message {
namespace {

/// RFC 5322 §2.1.1.
constexpr std::size_t line_length = 78;
/// Nothing a peer says about itself needs more (RFC 5321 §4.5.3.1).
constexpr std::size_t max_word = 320;

/// What may stand outside of comments and quotes: host names, address literals, ids.
constexpr text::OctetSet word_octets = octets::token | text::OctetSet("[]:/=@");
/// What may stand in a comment without quoting.
constexpr text::OctetSet comment_octets = (text::octets::vchar | text::OctetSet(" ")) - text::OctetSet("()\\");
/// What may stand between angle brackets.
constexpr text::OctetSet path_octets = text::octets::vchar - text::OctetSet("<>();\\,");

/// `octets` with everything outside `allowed` replaced, so that no peer ends the clause, the comment or the field.
std::string cleaned(std::string_view octets, const text::OctetSet& allowed) {
  std::string out(octets.substr(0, max_word));
  for (char& octet : out) {
    if (!allowed.contains(octet)) octet = '?';
  }
  return out;
}

std::string path_cleaned(std::string_view path) {
  return cleaned(path,
                 text::is_utf8(path.substr(0, max_word)) ? path_octets | text::octets::beyond_ascii : path_octets);
}

/// Lays clauses out on lines of at most 78 octets where they fit.
class Folder {
public:
  explicit Folder(std::string_view name) : out_(std::string(name) + ':'), column_(out_.size()) {}

  void clause(std::string_view text) {
    if (column_ + 1 + text.size() > line_length && !first_) {
      out_ += "\r\n\t";
      column_ = 8;
    } else {
      out_ += ' ';
      ++column_;
    }
    out_ += text;
    column_ += text.size();
    first_ = false;
  }
  std::string end() { return std::move(out_) + "\r\n"; }

private:
  std::string out_;
  std::size_t column_;
  bool first_ = true;
};

std::string tcp_info(const Received& received) {
  std::string info;
  if (!received.client_name.empty()) info = cleaned(received.client_name, word_octets);
  if (!received.client_ip.empty()) {
    if (!info.empty()) info += ' ';
    const bool is_ipv6 = received.client_ip.find(':') != std::string::npos;  // RFC 5321 §4.1.3
    info += (is_ipv6 ? "[IPv6:" : "[") + cleaned(received.client_ip, word_octets - text::OctetSet("[]")) + ']';
  }
  return info;
}

/// Whether `address` is one address and nothing else, so that it has one reading wherever it stands.
bool is_one_address(std::string_view address) {
  if (address.size() > 2 * max_word) return false;
  for (const char octet : address) {
    if (text::octets::ctl.contains(octet)) return false;
  }
  const AddressList list = parse_address_list('<' + std::string(address) + '>');
  return list.well_formed && list.addresses.size() == 1 && !list.has_group;
}

}  // namespace

std::string write_received(const Received& received) {
  Folder folder("Received");
  if (!received.helo.empty()) folder.clause("from " + cleaned(received.helo, word_octets));
  if (const std::string info = tcp_info(received); !info.empty()) folder.clause('(' + info + ')');
  if (!received.tls.empty()) folder.clause('(' + cleaned(received.tls, comment_octets) + ')');
  if (!received.by.empty()) folder.clause("by " + cleaned(received.by, word_octets));
  if (!received.protocol.empty()) folder.clause("with " + cleaned(received.protocol, word_octets));
  if (!received.id.empty()) folder.clause("id " + cleaned(received.id, word_octets));
  if (!received.for_address.empty()) folder.clause("for <" + path_cleaned(received.for_address) + '>');
  std::string out = folder.end();
  out.insert(out.size() - 2, ";\r\n\t" + write_date(received.date));
  return out;
}

Result<std::string> write_return_path(std::string_view reverse_path) {
  if (!reverse_path.empty() && !is_one_address(reverse_path)) return Errc::unsafe_value;
  return "Return-Path: <" + std::string(reverse_path) + ">\r\n";
}

Result<std::string> write_delivered_to(std::string_view address) {
  if (!is_one_address(address)) return Errc::unsafe_value;
  return "Delivered-To: " + std::string(address) + "\r\n";
}

std::string write_field(std::string_view name, std::string_view value) {
  std::string clean(value);
  for (char& octet : clean) {
    if (text::octets::ctl.contains(octet)) octet = ' ';
  }
  std::string out = std::string(name) + ':';
  std::size_t column = out.size();
  bool first = true;
  text::Cursor in(clean);
  in.skip_wsp();
  while (!in.at_end()) {
    // White space stays where it is, behind the fold, so that unfolding gives the value back.
    const auto space = in.take_while(text::OctetSet(" "));
    const auto word = in.take_until(text::OctetSet(" "));
    if (word.empty()) break;
    if (!first && column + space.size() + word.size() > line_length) {
      out += "\r\n";
      column = 0;
    }
    out.append(first ? " " : space).append(word);
    column += (first ? 1 : space.size()) + word.size();
    first = false;
  }
  return out + "\r\n";
}

}  // namespace mailpod::message
