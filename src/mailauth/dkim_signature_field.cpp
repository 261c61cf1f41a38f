#include "dkim_signature_field.hpp"

#include <algorithm>
#include <limits>

#include <mailpod/mailauth/tag_list.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/base64.hpp>

#include "domain_name.hpp"

namespace mailpod::mailauth {

namespace {

using text::Cursor;
namespace octets = text::octets;

constexpr std::size_t most_names = 1000;       // of `h=`; nobody signs a tenth of them
constexpr std::size_t longest_selector = 200;  // octets: with its domain it must still be a name
constexpr std::size_t shown_of_signature = 8;  // characters, RFC 6008 §4

/// One field's tags, read one after the other; the first fault stays.
class Reading {
public:
  explicit Reading(const TagList& tags) : tags_(tags) {}

  std::string_view fault;

  std::string_view value(std::string_view name) const {
    const Tag* tag = tags_.find(name);
    return tag != nullptr ? tag->value : std::string_view();
  }
  bool has(std::string_view name) const { return tags_.find(name) != nullptr; }
  void require(bool holds, std::string_view otherwise) {
    if (!holds && fault.empty()) fault = otherwise;
  }
  std::string base64(std::string_view name, std::string_view otherwise) {
    const auto decoded = text::parse_base64(without_white_space(value(name)));
    require(decoded && !decoded->empty(), otherwise);
    return decoded.value_or("");
  }
  std::optional<std::uint64_t> number(std::string_view name, std::string_view otherwise) {
    if (!has(name)) return std::nullopt;
    Cursor in(value(name));
    const auto number = in.number();
    // RFC 6376 §3.5: at most 12 digits need be understood; more is a time that never comes.
    const bool long_number = !number && value(name).size() > 12;
    require(long_number || (number && in.at_end()), otherwise);
    return number ? *number : std::numeric_limits<std::uint64_t>::max();
  }

private:
  const TagList& tags_;
};

bool is_of(std::string_view text, const text::OctetSet& set) {
  return std::ranges::all_of(text, [&](char octet) { return set.contains(octet); });
}

std::string parse_domain(std::string_view value) {
  constexpr text::OctetSet name_octets = octets::alnum | text::OctetSet("-_.");
  const std::string name = text::lower(value);
  return is_of(name, name_octets) && is_host_name(name) ? name : std::string();
}

std::string parse_selector(std::string_view value) {
  const std::string selector = text::lower(value);
  if (selector.empty() || selector.size() > longest_selector) return {};
  // A selector of one label is one too: it stands below _domainkey.
  return parse_domain(selector + ".x").empty() ? std::string() : selector;
}

std::optional<Algorithm> algorithm_for(std::string_view name) {
  for (const auto algorithm : {Algorithm::rsa_sha256, Algorithm::ed25519_sha256}) {
    if (text::equal_fold(name_of(algorithm), name)) return algorithm;
  }
  return std::nullopt;
}

std::optional<Canonicalization> form_for(std::string_view name) {
  if (text::equal_fold(name, "simple")) return Canonicalization::simple;
  if (text::equal_fold(name, "relaxed")) return Canonicalization::relaxed;
  return std::nullopt;
}

/// `c=`: what is not said is simple.
void read_forms(Reading& in, DkimSignatureField& out) {
  const auto value = in.value("c");
  if (value.empty()) return;
  const auto slash = value.find('/');
  const auto header = form_for(value.substr(0, slash));
  const auto body = slash == std::string_view::npos ? Canonicalization::simple : form_for(value.substr(slash + 1));
  in.require(header && body, "unknown canonicalization");
  out.header_form = header.value_or(Canonicalization::simple);
  out.body_form = body.value_or(Canonicalization::simple);
}

std::vector<std::string> split_at_colons(std::string_view value) {
  std::vector<std::string> parts;
  Cursor in(value);
  do {
    parts.push_back(without_white_space(in.take_until(text::OctetSet(":"))));
  } while (in.take(':') && parts.size() <= most_names);
  return parts;
}

void read_names(Reading& in, DkimSignatureField& out) {
  out.names = split_at_colons(in.value("h"));
  in.require(out.names.size() <= most_names, "too many fields");
  const bool from = std::ranges::any_of(out.names, [](const auto& name) { return text::equal_fold(name, "from"); });
  in.require(from, "From is not signed");
}

/// RFC 6376 §3.5: i= is of the domain, or below it.
void read_identity(Reading& in, DkimSignatureField& out) {
  out.identity = out.domain;
  if (!in.has("i")) return;
  const auto value = in.value("i");
  const auto at = value.rfind('@');
  const auto identity = at == std::string_view::npos ? std::string() : parse_domain(value.substr(at + 1));
  in.require(!identity.empty() && is_or_is_below(identity, out.domain), "i= is not of the signing domain");
  if (!identity.empty()) out.identity = identity;
}

void read_query(Reading& in) {
  if (!in.has("q")) return;
  const auto methods = split_at_colons(in.value("q"));
  const bool dns = std::ranges::any_of(methods, [](const auto& method) { return text::equal_fold(method, "dns/txt"); });
  in.require(dns, "unknown query method");
}

}  // namespace

DkimSignatureField parse_dkim_signature_field(std::string_view field) {
  DkimSignatureField out;
  const auto begin = field.find(':') + 1;
  auto value = field.substr(begin);
  if (value.ends_with("\r\n")) value.remove_suffix(2);
  const auto tags = TagList::parse(value);
  if (!tags) {
    out.fault = "malformed signature field";
    return out;
  }
  Reading in(*tags);
  in.require(in.value("v") == "1", "unknown version");
  out.domain = parse_domain(in.value("d"));
  in.require(!out.domain.empty(), "malformed d=");
  out.selector = parse_selector(in.value("s"));
  in.require(!out.selector.empty(), "malformed s=");
  const auto algorithm = in.value("a");
  out.algorithm = algorithm_for(algorithm);
  if (algorithm.size() <= 32 && is_of(algorithm, octets::alnum | text::OctetSet("-")))
    out.algorithm_name = text::lower(algorithm);
  in.require(out.algorithm.has_value(), "unsupported algorithm");
  read_forms(in, out);
  read_names(in, out);
  read_identity(in, out);
  read_query(in);
  out.body_hash = in.base64("bh", "malformed bh=");
  out.signature = in.base64("b", "malformed b=");
  out.signature_begin = without_white_space(in.value("b")).substr(0, shown_of_signature);
  out.made = in.number("t", "malformed t=");
  out.expires = in.number("x", "malformed x=");
  in.require(!out.made || !out.expires || *out.expires > *out.made, "x= is not after t=");
  out.covers_part = in.has("l");
  in.number("l", "malformed l=");
  if (const Tag* b = tags->find("b"))
    out.unsigned_field.append(field.substr(0, begin + b->begin)).append(field.substr(begin + b->end));
  out.fault = in.fault;
  return out;
}

}  // namespace mailpod::mailauth
