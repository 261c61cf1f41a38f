#include "signature_tags.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/base64.hpp>
#include <mailpod/text/cursor.hpp>

#include "domain_name.hpp"

namespace mailpod::mailauth {

namespace {

constexpr std::size_t longest_selector = 200;  // octets: with its domain it must still be a name
constexpr unsigned most_instances = 50;

}  // namespace

std::string_view SignatureTags::value(std::string_view name) const {
  const Tag* tag = tags_.find(name);
  return tag != nullptr ? tag->value : std::string_view();
}

void SignatureTags::require(bool holds, std::string_view otherwise) {
  if (!holds && fault.empty()) fault = otherwise;
}

std::string SignatureTags::base64(std::string_view name, std::string_view otherwise) {
  const auto decoded = text::parse_base64(without_white_space(value(name)));
  require(decoded && !decoded->empty(), otherwise);
  return decoded.value_or("");
}

std::optional<std::uint64_t> SignatureTags::number(std::string_view name, std::string_view otherwise) {
  if (!has(name)) return std::nullopt;
  text::Cursor in(value(name));
  const bool is_number = !value(name).empty() && in.take_while(text::octets::digit).size() == value(name).size();
  require(is_number, otherwise);
  // RFC 6376 §3.5: a time of more digits than anybody counts never comes.
  text::Cursor digits(value(name));
  const auto number = digits.number();
  return number ? *number : std::numeric_limits<std::uint64_t>::max();
}

std::string SignatureTags::domain() {
  auto name = parse_signing_domain(value("d"));
  require(!name.empty(), "malformed d=");
  return name;
}

std::string SignatureTags::selector() {
  auto name = text::lower(value("s"));
  // A selector of one label is one too: it stands below _domainkey.
  const bool is_name = !name.empty() && name.size() <= longest_selector && !parse_signing_domain(name + ".x").empty();
  require(is_name, "malformed s=");
  return is_name ? name : std::string();
}

std::optional<Algorithm> SignatureTags::algorithm() {
  constexpr std::array algorithms{Algorithm::rsa_sha256, Algorithm::ed25519_sha256};
  const auto* const found =
      std::ranges::find_if(algorithms, [this](Algorithm each) { return text::equal_fold(name_of(each), value("a")); });
  require(found != algorithms.end(), "unsupported algorithm");
  return found != algorithms.end() ? std::optional(*found) : std::nullopt;
}

unsigned SignatureTags::instance() {
  text::Cursor in(value("i"));
  const auto number = in.number(most_instances);
  const bool is_instance = number && *number > 0 && in.at_end();
  require(is_instance, "malformed i=");
  return is_instance ? static_cast<unsigned>(*number) : 0;
}

std::string SignatureTags::without_signature(std::string_view field, std::size_t begin) const {
  const Tag* b = tags_.find("b");
  if (b == nullptr) return std::string(field);
  return std::string(field.substr(0, begin + b->begin)).append(field.substr(begin + b->end));
}

std::string parse_signing_domain(std::string_view value) {
  constexpr text::OctetSet name_octets = text::octets::alnum | text::OctetSet("-_.");
  std::string name = text::lower(value);
  const bool clean = std::ranges::all_of(name, [&](char octet) { return name_octets.contains(octet); });
  return clean && is_host_name(name) ? name : std::string();
}

}  // namespace mailpod::mailauth
