#include "spf_record.hpp"

#include <array>

#include <mailpod/text/ascii.hpp>

#include "spf_macros.hpp"

namespace mailpod::mailauth {

namespace {

using text::Cursor;
using text::ParseError;
namespace octets = text::octets;
using Mechanism = SpfDirective::Mechanism;

constexpr std::string_view version = "v=spf1";
constexpr text::OctetSet name_octets = octets::alnum | text::OctetSet("-_.");

/// What may stand behind a mechanism's name. RFC 7208 §5.
enum class Argument { none, domain, optional_domain, optional_domain_and_prefixes, v4_network, v6_network };
struct Row {
  std::string_view name;
  Mechanism mechanism;
  Argument argument;
};
constexpr std::array rows{
    Row{"all", Mechanism::all, Argument::none},
    Row{"include", Mechanism::include, Argument::domain},
    Row{"a", Mechanism::a, Argument::optional_domain_and_prefixes},
    Row{"mx", Mechanism::mx, Argument::optional_domain_and_prefixes},
    Row{"ptr", Mechanism::ptr, Argument::optional_domain},
    Row{"ip4", Mechanism::ip4, Argument::v4_network},
    Row{"ip6", Mechanism::ip6, Argument::v6_network},
    Row{"exists", Mechanism::exists, Argument::domain},
};

const Row* row_for(std::string_view name) {
  for (const Row& row : rows) {
    if (text::equal_fold(row.name, name)) return &row;
  }
  return nullptr;
}

SpfResult take_qualifier(Cursor& in) {
  if (in.take('-')) return SpfResult::fail;
  if (in.take('~')) return SpfResult::softfail;
  if (in.take('?')) return SpfResult::neutral;
  in.take('+');
  return SpfResult::pass;
}

/// The digits of a prefix: no leading zero, not above `most`.
std::optional<unsigned> parse_prefix(std::string_view digits, unsigned most) {
  Cursor in(digits);
  if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
  const auto number = in.number(most);
  if (!number || !in.at_end()) return std::nullopt;
  return static_cast<unsigned>(*number);
}

/// Takes `/24`, `//64` or `/24//64` off the end of `text`. False if what stands there is no prefix.
bool take_prefixes(std::string_view& text, SpfDirective& directive) {
  const auto take = [&](std::string_view slashes, unsigned most, unsigned& into) {
    const auto slash = text.rfind('/');
    if (slash == std::string_view::npos) return true;
    const auto digits = text.substr(slash + 1);
    Cursor in(digits);
    if (in.take_while(octets::digit).size() != digits.size()) return true;  // a slash within the domain
    if (!text.substr(0, slash + 1).ends_with(slashes)) return true;
    const auto prefix = parse_prefix(digits, most);
    if (!prefix) return false;
    into = *prefix;
    text.remove_suffix(digits.size() + slashes.size());
    return true;
  };
  return take("//", 128, directive.v6_prefix) && take("/", 32, directive.v4_prefix);
}

bool read_network(std::string_view text, Argument argument, SpfDirective& directive) {
  const bool v4 = argument == Argument::v4_network;
  const auto slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto prefix = parse_prefix(text.substr(slash + 1), v4 ? 32 : 128);
    if (!prefix) return false;
    (v4 ? directive.v4_prefix : directive.v6_prefix) = *prefix;
  }
  const auto address = text.substr(0, slash);
  directive.network = IpAddress::parse(address);
  // An IPv4 network that is written as IPv6 is IPv4 to a client, but not to the grammar.
  return directive.network && v4 == (address.find(':') == std::string_view::npos);
}

/// `rest`: what stands behind the name, from the colon or slash on.
bool read_argument(std::string_view rest, Argument argument, SpfDirective& directive) {
  if (argument == Argument::none) return rest.empty();
  const bool is_network = argument == Argument::v4_network || argument == Argument::v6_network;
  if (argument == Argument::optional_domain_and_prefixes && !take_prefixes(rest, directive)) return false;
  const bool is_optional = argument == Argument::optional_domain || argument == Argument::optional_domain_and_prefixes;
  if (rest.empty()) return is_optional;
  if (!rest.starts_with(':')) return false;
  rest.remove_prefix(1);
  if (is_network) return read_network(rest, argument, directive);
  directive.domain_spec = rest;
  return is_domain_spec(rest);
}

/// Whether a term is a modifier, `name=…`, and where its value begins.
std::optional<std::size_t> value_of_modifier(std::string_view term) {
  Cursor in(term);
  if (!in.take_one(octets::alpha)) return std::nullopt;
  in.take_while(name_octets);
  if (!in.take('=')) return std::nullopt;
  return in.offset();
}

bool read_modifier(std::string_view name, std::string_view value, SpfRecord& record) {
  auto* const known = text::equal_fold(name, "redirect") ? &record.redirect
                      : text::equal_fold(name, "exp")    ? &record.explanation
                                                         : nullptr;
  if (known == nullptr) return is_macro_string(value, MacroPlace::domain);
  if (known->has_value() || !is_domain_spec(value)) return false;
  *known = value;
  return true;
}

bool read_directive(std::string_view term, SpfRecord& record) {
  Cursor in(term);
  SpfDirective directive;
  directive.says = take_qualifier(in);
  const Row* row = row_for(in.take_while(octets::alnum));
  if (row == nullptr) return false;
  directive.mechanism = row->mechanism;
  if (!read_argument(in.rest(), row->argument, directive)) return false;
  record.directives.push_back(std::move(directive));
  return true;
}

}  // namespace

bool is_spf_record(std::string_view text) {
  if (!text::starts_with_fold(text, version)) return false;
  return text.size() == version.size() || text[version.size()] == ' ';
}

text::Parsed<SpfRecord> parse_spf_record(std::string_view text) {
  Cursor in(text);
  if (!is_spf_record(text)) return in.error("v=spf1");
  in.take(version);
  SpfRecord record;
  while (true) {
    in.take_while(text::OctetSet(" "));
    if (in.at_end()) return record;
    const ParseError here = in.error("a directive or a modifier");
    const auto term = in.take_until(text::OctetSet(" "));
    const auto value = value_of_modifier(term);
    const bool read =
        value ? read_modifier(term.substr(0, *value - 1), term.substr(*value), record) : read_directive(term, record);
    if (!read) return here;
  }
}

}  // namespace mailpod::mailauth
