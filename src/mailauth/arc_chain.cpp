#include "arc_chain.hpp"

#include <algorithm>
#include <array>

#include <mailpod/mailauth/canonical.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/cursor.hpp>

#include "dkim_public_key.hpp"
#include "signature_tags.hpp"

namespace mailpod::mailauth {

namespace {

constexpr auto relaxed = Canonicalization::relaxed;  // RFC 8617 §4.1.3: of seals, always

/// The fields of one name by their instance; a position that stays empty is missing.
struct Column {
  std::string_view name;
  std::vector<std::string_view> fields;
  bool well_numbered = true;

  void put(unsigned instance, std::string_view field) {
    if (instance == 0 || instance > ArcChain::most_sets) {
      well_numbered = false;
      return;
    }
    if (fields.size() < instance) fields.resize(instance);
    auto& place = fields[instance - 1];
    well_numbered = well_numbered && place.empty();
    place = field;
  }
};

/// What DNS has for one signature: a key, or why there is none.
struct KeyFound {
  std::optional<DkimPublicKey> key;
  bool undecided = false;
};

DnsQuestion question_for(const std::string& selector, const std::string& domain) {
  return {DnsQuestion::Type::txt, selector + "._domainkey." + domain};
}

KeyFound key_of(const std::string& selector, const std::string& domain, DnsTable& dns) {
  const auto& answer = dns.look_up(question_for(selector, domain));
  KeyFound found;
  found.undecided = answer.failed();
  for (const auto& record : answer.records) {
    auto read = parse_dkim_public_key(record);
    if (read && found.key) return {};
    if (read) found.key = std::move(read);
  }
  return found;
}

class Check {
public:
  Check(const ArcChain& chain, const ArcEvidence& evidence, DnsTable& dns)
      : chain_(chain), evidence_(evidence), dns_(dns) {}

  ArcVerdict run() {
    const auto& newest = chain_.sets().back();
    verdict_.instance = newest.sealed.instance;
    verdict_.domain = newest.sealed.domain;
    check_message(newest);
    for (std::size_t i = chain_.sets().size(); i > 0 && verdict_.reason.empty(); --i) check_seal(i - 1);
    verdict_.result = verdict_.reason.empty() ? ArcResult::pass : ArcResult::fail;
    return verdict_;
  }

private:
  void check_message(const ArcChain::Set& set) {
    if (set.message.body_hash != evidence_.body_hash) return fail("the body was changed");
    std::string octets = canonical_fields(evidence_.fields, set.message.names, set.message.header_form);
    octets += canonical_field(set.message.header_form, set.message.unsigned_field);
    octets.resize(octets.size() - 2);
    verify(set.message.selector, set.message.domain, *set.message.algorithm, octets, set.message.signature);
  }

  void check_seal(std::size_t which) {
    const auto& seal = chain_.sets()[which].sealed;
    verify(seal.selector, seal.domain, *seal.algorithm, chain_.sealed_octets(which), seal.signature);
  }

  void verify(const std::string& selector, const std::string& domain, Algorithm algorithm, std::string_view octets,
              std::string_view signature) {
    const auto [key, undecided] = key_of(selector, domain, dns_);
    verdict_.undecided = undecided;
    if (undecided) return fail("DNS failed");
    if (!key || key->is_revoked() || !key->is_for(algorithm)) return fail("no key");
    const auto bits = key->rsa_bits().value_or(evidence_.least_rsa_bits);
    if (bits < evidence_.least_rsa_bits || bits > evidence_.most_rsa_bits)
      return fail("the key is too short or too long");
    if (!key->verify(octets, signature)) fail("a signature does not hold");
  }

  void fail(std::string_view reason) {
    if (verdict_.reason.empty()) verdict_.reason = reason;
  }

  const ArcChain& chain_;
  const ArcEvidence& evidence_;
  DnsTable& dns_;
  ArcVerdict verdict_;
};

}  // namespace

std::string_view name_of(ArcResult result) {
  constexpr std::array<std::string_view, 3> names{"none", "pass", "fail"};
  return names.at(static_cast<std::size_t>(result));
}

unsigned instance_of_results(std::string_view field) {
  text::Cursor in(field.substr(std::min(field.size(), field.find(':') + 1)));
  constexpr text::OctetSet white_space(" \t\r\n");
  in.take_while(white_space);
  if (!in.take("i")) return 0;
  in.take_while(white_space);
  if (!in.take('=')) return 0;
  in.take_while(white_space);
  const auto number = in.number(ArcChain::most_sets);
  in.take_while(white_space);
  return number && in.take(';') ? static_cast<unsigned>(*number) : 0;
}

ArcSealField parse_arc_seal_field(std::string_view field) {
  ArcSealField out;
  const auto begin = field.find(':') + 1;
  auto value = field.substr(begin);
  if (value.ends_with("\r\n")) value.remove_suffix(2);
  const auto tags = TagList::parse(value);
  if (!tags) {
    out.fault = "malformed seal";
    return out;
  }
  SignatureTags in(*tags);
  out.instance = in.instance();
  out.domain = in.domain();
  out.selector = in.selector();
  out.algorithm = in.algorithm();
  out.chain = text::lower(in.value("cv"));
  out.signature = in.base64("b", "malformed b=");
  // RFC 8617 §4.1.3: what is sealed is not the seal's to choose.
  in.require(!in.has("h"), "h= in a seal");
  out.unsigned_field = in.without_signature(field, begin);
  out.fault = in.fault;
  return out;
}

ArcChain::ArcChain(std::span<const HeaderField> fields) {
  Column results{"ARC-Authentication-Results", {}};
  Column messages{"ARC-Message-Signature", {}};
  Column seals{"ARC-Seal", {}};
  // Before one is parsed: this is done while the message is received, and there may be tens of thousands.
  for (const auto* column : {&results, &messages, &seals}) {
    const auto count = std::ranges::count_if(
        fields, [&](const HeaderField& field) { return text::equal_fold(field.name, column->name); });
    if (count > static_cast<std::ptrdiff_t>(most_sets)) fault_ = "too many sets";
  }
  if (!fault_.empty()) return;
  for (const auto& field : fields) {
    if (text::equal_fold(field.name, results.name)) results.put(instance_of_results(field.octets), field.octets);
    if (text::equal_fold(field.name, messages.name))
      messages.put(parse_dkim_signature_field(field.octets, SignatureKind::arc_message).instance, field.octets);
    if (text::equal_fold(field.name, seals.name)) seals.put(parse_arc_seal_field(field.octets).instance, field.octets);
  }
  const auto count = std::max({results.fields.size(), messages.fields.size(), seals.fields.size()});
  const bool whole = results.fields.size() == count && messages.fields.size() == count && seals.fields.size() == count;
  if (!whole || !results.well_numbered || !messages.well_numbered || !seals.well_numbered) {
    fault_ = "the sets are not whole";
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    Set set{results.fields[i], messages.fields[i], seals.fields[i], {}, {}};
    set.message = parse_dkim_signature_field(set.message_signature, SignatureKind::arc_message);
    set.sealed = parse_arc_seal_field(set.seal);
    sets_.push_back(std::move(set));
  }
  check();
}

void ArcChain::check() {
  if (sets_.empty()) return;
  if (sets_.back().sealed.chain == "fail") fault_ = "it was broken before";
  for (const auto& set : sets_) {
    const bool missing = set.results.empty() || set.message_signature.empty() || set.seal.empty();
    if (missing && fault_.empty()) fault_ = "the sets are not whole";
    if (!set.sealed.fault.empty() && fault_.empty()) fault_ = set.sealed.fault;
    const std::string_view expected = &set == &sets_.front() ? "none" : "pass";
    if (set.sealed.chain != expected && fault_.empty()) fault_ = "cv= does not fit";
  }
  const auto& newest = sets_.back().message;
  if (fault_.empty()) fault_ = newest.fault;
  if (fault_.empty() && newest.covers_part) fault_ = "l= leaves a part of the body unsigned";
}

std::string ArcChain::octets_before(std::size_t which) const {
  std::string octets;
  for (const Set& set : std::span(sets_).first(which))
    octets += canonical_field(relaxed, set.results) + canonical_field(relaxed, set.message_signature) +
              canonical_field(relaxed, set.seal);
  return octets;
}

std::string ArcChain::sealed_octets(std::size_t which) const {
  const Set& set = sets_[which];
  std::string octets = octets_before(which);
  octets += canonical_field(relaxed, set.results) + canonical_field(relaxed, set.message_signature) +
            canonical_field(relaxed, set.sealed.unsigned_field);
  octets.resize(octets.size() - 2);
  return octets;
}

bool ask_for_keys(const ArcChain& chain, DnsTable& dns) {
  bool all = true;
  const auto ask = [&](const std::string& selector, const std::string& domain) {
    const auto question = question_for(selector, domain);
    dns.look_up(question);
    all = dns.has(question) && all;
  };
  for (const auto& set : chain.sets()) ask(set.sealed.selector, set.sealed.domain);
  if (!chain.sets().empty()) ask(chain.sets().back().message.selector, chain.sets().back().message.domain);
  return all;
}

ArcVerdict check_arc(const ArcChain& chain, const ArcEvidence& evidence, DnsTable& dns) {
  ArcVerdict verdict;
  verdict.reason = chain.fault();
  if (!chain.fault().empty()) verdict.result = ArcResult::fail;
  if (!chain.fault().empty() || chain.sets().empty()) return verdict;
  return Check(chain, evidence, dns).run();
}

}  // namespace mailpod::mailauth
