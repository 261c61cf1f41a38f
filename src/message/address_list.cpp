#include "address_list.hpp"

#include <algorithm>
#include <utility>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/encoded_words.hpp>
#include <mailpod/text/unicode.hpp>

#include "lexer.hpp"

namespace mailpod::message {
namespace {

/// Words and dots in a row: they turn out to be a display name or a local part only by what follows.
struct Words {
  std::string phrase;      ///< all of them, single spaces where there was white space
  std::string local;       ///< the last run of words joined by dots
  std::size_t before = 0;  ///< octets of the phrase before that run
  bool is_local = true;    ///< one run, dots only between words
  bool any = false;

  std::string name() const { return phrase.substr(0, before); }
};

/// Reads one address list, element by element, as RFC 5322 §3.4 and §4.4 write it.
class Parser {
public:
  Parser(std::string_view value, std::size_t max) : value_(value), lexer_(value), max_(max) {}

  AddressElements run() {
    while (next_element()) {
    }
    if (in_group_) {
      lexer_.well_formed = false;
      end_group();
    }
    out_.well_formed = lexer_.well_formed && text::is_utf8(value_);
    return std::move(out_);
  }

private:
  bool next_element() {
    lexer_.comment.clear();
    lexer_.skip_cfws();
    if (lexer_.in.at_end()) return false;
    if (lexer_.in.take(',')) return true;  // obs-addr-list: empty elements
    if (lexer_.in.take(';')) {
      if (in_group_) {
        end_group();
      } else {
        lexer_.well_formed = false;  // seen as a separator from mailers that take RFC 5322 for their own address field
      }
      return true;
    }
    if (out_.elements.size() >= max_) {
      out_.truncated = true;
      return false;
    }
    element();
    return true;
  }

  void element() {
    const std::size_t start = lexer_.in.offset();
    Words words = take_words();
    if (lexer_.in.next_is('<')) {
      angle_address(std::move(words.phrase));
    } else if (lexer_.in.take('@')) {
      bare_address(start, std::move(words));
    } else if (lexer_.in.next_is(':') && !in_group_ && words.any) {
      lexer_.in.take(':');
      out_.elements.push_back({.name = {}, .adl = {}, .mailbox = std::move(words.phrase), .host = {}});
      in_group_ = true;
      return;
    } else {
      lexer_.well_formed = false;
      if (words.any) push(words.name(), {}, std::move(words.local), {});
    }
    finish_element();
  }

  Words take_words() {
    Words words;
    bool after_dot = true;
    while (true) {
      const bool gap = lexer_.skip_cfws();
      std::string word;
      const bool is_dot = lexer_.in.next_is('.');
      if (is_dot) {
        lexer_.in.take('.');
        word = ".";
        if (after_dot) words.is_local = false;
      } else if (lexer_.in.next_is('"')) {
        word = lexer_.quoted_string();
      } else {
        word = lexer_.atom();
        if (word.empty()) break;
      }
      if (!is_dot && !after_dot) {  // two words without a dot: what came before was a name
        words.is_local = false;
        words.before = words.phrase.size();
        words.local.clear();
      }
      if (gap && !words.phrase.empty()) words.phrase += ' ';
      words.phrase += word;
      words.local += word;
      words.any = true;
      after_dot = is_dot;
    }
    if (after_dot) words.is_local = false;
    return words;
  }

  /// After `words@`.
  void bare_address(std::size_t start, Words words) {
    if (!words.is_local) lexer_.well_formed = false;
    std::string host = domain();
    const std::size_t end = lexer_.in.offset();
    lexer_.skip_cfws();
    if (lexer_.in.next_is('<')) {
      // `a@b <c@d>`: an unquoted address as display name is frequent; the address is the one in brackets.
      lexer_.well_formed = false;
      angle_address(std::string(text::trim(value_.substr(start, end - start))));
      return;
    }
    push(words.name(), {}, std::move(words.local), std::move(host));
  }

  void angle_address(std::string name) {
    lexer_.in.take('<');
    lexer_.skip_cfws();
    std::string route;
    if (lexer_.in.next_is('@')) route = obsolete_route();
    Words words = take_words();
    std::string host;
    if (lexer_.in.take('@')) {
      host = domain();
    } else {
      lexer_.well_formed = false;
    }
    if (!words.is_local) lexer_.well_formed = false;
    lexer_.skip_cfws();
    if (!lexer_.in.take('>')) {
      lexer_.well_formed = false;
      lexer_.in.take_until(text::OctetSet(",>"));
      lexer_.in.take('>');
    }
    lexer_.skip_cfws();
    std::string mailbox = words.is_local ? std::move(words.local) : std::move(words.phrase);
    if (words.any || !host.empty()) push(std::move(name), std::move(route), std::move(mailbox), std::move(host));
  }

  /// At the first `@` of `@a,@b:`. RFC 5322 §4.4.
  std::string obsolete_route() {
    const auto route = lexer_.in.take_until(text::OctetSet(":<>\""));
    if (!lexer_.in.take(':')) lexer_.well_formed = false;
    std::string out;
    for (const char octet : route) {
      if (octet == '\0') lexer_.well_formed = false;
      if (!octets::fws.contains(octet) && octet != '\0') out += octet;
    }
    return out;
  }

  std::string domain() {
    lexer_.skip_cfws();
    if (lexer_.in.next_is('[')) return lexer_.domain_literal();
    std::string out;
    while (true) {
      const auto label = lexer_.atom();
      if (label.empty()) lexer_.well_formed = false;
      out += label;
      // The comment behind an address may be its owner's name, so it is left for finish_element().
      text::Cursor before_space = lexer_.in;
      before_space.take_while(octets::fws);
      if (!before_space.next_is('(')) lexer_.in = before_space;
      if (!lexer_.in.take('.')) return out;
      out += '.';
      lexer_.skip_cfws();
    }
  }

  void push(std::string name, std::string route, std::string mailbox, std::string host) {
    EnvelopeAddress address{.name = {}, .adl = {}, .mailbox = std::move(mailbox), .host = std::move(host)};
    if (address.host->empty()) lexer_.well_formed = false;
    if (!route.empty()) address.adl = std::move(route);
    lexer_.skip_cfws();
    if (name.empty()) name = text::trim(lexer_.comment);
    if (!name.empty()) address.name = std::move(name);
    out_.elements.push_back(std::move(address));
  }

  /// To the next separator, which stays; anything but white space and comments before it is a fault.
  void finish_element() {
    static constexpr text::OctetSet stops = text::OctetSet(",;\"(");
    lexer_.skip_cfws();
    while (!lexer_.in.at_end() && !lexer_.in.next_is(',') && !lexer_.in.next_is(';')) {
      lexer_.well_formed = false;
      lexer_.in.take_until(stops);
      if (lexer_.in.next_is('"')) lexer_.quoted_string();
      lexer_.skip_cfws();
    }
  }

  void end_group() {
    out_.elements.emplace_back();
    in_group_ = false;
  }

  std::string_view value_;
  Lexer lexer_;
  std::size_t max_;
  AddressElements out_;
  bool in_group_ = false;
};

/// Whether a local part may stand unquoted: dot-atom of RFC 5322 §3.2.3.
bool is_dot_atom(std::string_view local) {
  if (local.empty() || local.front() == '.' || local.back() == '.') return false;
  if (local.find("..") != std::string_view::npos) return false;
  return std::ranges::all_of(local, [](char octet) { return octet == '.' || octets::atext.contains(octet); });
}

}  // namespace

AddressElements parse_address_elements(std::string_view value, std::size_t max_elements) {
  return Parser(value, max_elements).run();
}

std::vector<EnvelopeAddress> parse_envelope_addresses(std::string_view value, std::size_t max_addresses) {
  return parse_address_elements(value, max_addresses).elements;
}

AddressList parse_address_list(std::string_view value, std::size_t max_addresses) {
  AddressElements parsed = parse_address_elements(value, max_addresses);
  AddressList list;
  list.well_formed = parsed.well_formed;
  list.truncated = parsed.truncated;
  for (EnvelopeAddress& element : parsed.elements) {
    if (!element.host) {
      list.has_group = true;
    } else if (!element.host->empty()) {
      list.addresses.push_back({element.name ? decode_header_value(*element.name) : std::string(),
                                std::move(*element.mailbox), std::move(*element.host)});
    }
  }
  return list;
}

std::string Address::address() const {
  if (is_dot_atom(mailbox)) return mailbox + '@' + host;
  std::string out = "\"";
  for (const char octet : mailbox) {
    if (octet == '"' || octet == '\\') out += '\\';
    out += octet;
  }
  return out + "\"@" + host;
}

}  // namespace mailpod::message
