#include "dkim_signature_field.hpp"

#include <algorithm>

#include <mailpod/mailauth/tag_list.hpp>
#include <mailpod/text/ascii.hpp>

#include "domain_name.hpp"
#include "signature_tags.hpp"

namespace mailpod::mailauth {

namespace {

using text::Cursor;
namespace octets = text::octets;

constexpr std::size_t most_names = 1000;       // of `h=`; nobody signs a tenth of them
constexpr std::size_t longest_algorithm = 32;  // characters
constexpr std::size_t shown_of_signature = 8;  // characters, RFC 6008 §4

/// As it is shown: also one that is not known, if it is a word.
std::string algorithm_name(std::string_view value) {
  constexpr text::OctetSet name_octets = octets::alnum | text::OctetSet("-");
  const bool is_word =
      value.size() <= longest_algorithm && Cursor(value).take_while(name_octets).size() == value.size();
  return is_word ? text::lower(value) : std::string();
}

std::optional<Canonicalization> form_for(std::string_view name) {
  if (text::equal_fold(name, "simple")) return Canonicalization::simple;
  if (text::equal_fold(name, "relaxed")) return Canonicalization::relaxed;
  return std::nullopt;
}

/// `c=`: what is not said is simple.
void read_forms(SignatureTags& in, DkimSignatureField& out) {
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

void read_names(SignatureTags& in, DkimSignatureField& out) {
  out.names = split_at_colons(in.value("h"));
  in.require(out.names.size() <= most_names, "too many fields");
  const bool from = std::ranges::any_of(out.names, [](const auto& name) { return text::equal_fold(name, "from"); });
  in.require(from, "From is not signed");
}

/// RFC 6376 §3.5: i= is of the domain, or below it.
void read_identity(SignatureTags& in, DkimSignatureField& out) {
  out.identity = out.domain;
  if (!in.has("i")) return;
  const auto value = in.value("i");
  const auto at = value.rfind('@');
  const auto identity = at == std::string_view::npos ? std::string() : parse_signing_domain(value.substr(at + 1));
  in.require(!identity.empty() && is_or_is_below(identity, out.domain), "i= is not of the signing domain");
  if (!identity.empty()) out.identity = identity;
}

void read_query(SignatureTags& in) {
  if (!in.has("q")) return;
  const auto methods = split_at_colons(in.value("q"));
  const bool dns = std::ranges::any_of(methods, [](const auto& method) { return text::equal_fold(method, "dns/txt"); });
  in.require(dns, "unknown query method");
}

}  // namespace

DkimSignatureField parse_dkim_signature_field(std::string_view field, SignatureKind kind) {
  DkimSignatureField out;
  const auto begin = field.find(':') + 1;
  auto value = field.substr(begin);
  if (value.ends_with("\r\n")) value.remove_suffix(2);
  const auto tags = TagList::parse(value);
  if (!tags) {
    out.fault = "malformed signature field";
    return out;
  }
  SignatureTags in(*tags);
  if (kind == SignatureKind::dkim) in.require(in.value("v") == "1", "unknown version");
  out.domain = in.domain();
  out.selector = in.selector();
  out.algorithm = in.algorithm();
  out.algorithm_name = algorithm_name(in.value("a"));
  read_forms(in, out);
  read_names(in, out);
  if (kind == SignatureKind::dkim) read_identity(in, out);
  if (kind == SignatureKind::arc_message) out.instance = in.instance();
  read_query(in);
  out.body_hash = in.base64("bh", "malformed bh=");
  out.signature = in.base64("b", "malformed b=");
  out.signature_begin = without_white_space(in.value("b")).substr(0, shown_of_signature);
  out.made = in.number("t", "malformed t=");
  out.expires = in.number("x", "malformed x=");
  in.require(!out.made || !out.expires || *out.expires > *out.made, "x= is not after t=");
  out.covers_part = in.has("l");
  in.number("l", "malformed l=");
  out.unsigned_field = in.without_signature(field, begin);
  out.fault = in.fault;
  return out;
}

}  // namespace mailpod::mailauth
