#include <mailpod/mailauth/dkim_verification.hpp>

#include <algorithm>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/mailauth/canonical.hpp>
#include <mailpod/text/ascii.hpp>

#include "arc_chain.hpp"
#include "dkim_public_key.hpp"
#include "dkim_signature_field.hpp"
#include "header_fields.hpp"

namespace mailpod::mailauth {

namespace {

/// The hash of the body in one form, for all signatures of that form.
class BodyHash {
public:
  explicit BodyHash(Canonicalization how) : body_(how, [this](std::string_view octets) { hash_.update(octets); }) {}
  BodyHash(const BodyHash&) = delete;
  BodyHash& operator=(const BodyHash&) = delete;

  void update(std::string_view octets) { body_.update(octets); }
  void finish() {
    body_.finish();
    digest_ = hash_.finish();
  }
  std::string_view digest() const { return base::octets(digest_); }

private:
  crypto::Sha256 hash_;
  CanonicalBody body_;
  crypto::Digest digest_{};
};

/// A signature and what is known of it. The field is a part of the header.
struct Candidate {
  DkimSignatureField field;
  std::string_view octets;
  std::optional<DkimVerdict> settled;
};

}  // namespace

std::string_view name_of(DkimResult result) {
  constexpr std::array<std::string_view, 7> names{"none",    "pass",      "fail",     "policy",
                                                  "neutral", "temperror", "permerror"};
  return names.at(static_cast<std::size_t>(result));
}

class DkimVerification::State {
public:
  explicit State(const Settings& settings) : settings_(settings) {}

  void update(std::string_view octets) {
    if (!in_body_) octets = take_header(octets);
    for (const auto& hash : hashes_) {
      if (hash) hash->update(octets);
    }
  }

  void finish() {
    if (!in_body_ && !too_long_) begin_body();
    for (const auto& hash : hashes_) {
      if (hash) hash->finish();
    }
  }

  std::vector<DkimVerdict> verdicts(DnsTable& dns, base::Time now) {
    std::vector<DkimVerdict> all;
    for (auto& candidate : candidates_) {
      if (!candidate.settled) candidate.settled = settle(candidate, dns, now);
      all.push_back(candidate.settled ? *candidate.settled : verdict(candidate, DkimResult::temperror, "DNS failed"));
    }
    return all;
  }

  ArcVerdict arc_verdict(DnsTable& dns) {
    if (arc_settled_) return *arc_settled_;
    // Fifty signatures are verified once, and not in each round anew.
    if (is_chain() && !ask_for_keys(chain_, dns)) return {ArcResult::fail, 0, "", "DNS failed", true};
    std::string_view body_hash;
    if (is_chain()) body_hash = hash_of(chain_.sets().back().message.body_form)->digest();
    arc_settled_ = check_arc(chain_, {fields_, body_hash, settings_.least_rsa_bits, settings_.most_rsa_bits}, dns);
    return *arc_settled_;
  }

private:
  bool is_chain() const { return chain_.fault().empty() && !chain_.sets().empty(); }

  /// Keeps what is of the header; the rest is of the body.
  std::string_view take_header(std::string_view octets) {
    while (!octets.empty() && !in_body_ && !too_long_) {
      const auto line_feed = octets.find('\n');
      const auto taken = octets.substr(0, line_feed == std::string_view::npos ? octets.size() : line_feed + 1);
      octets.remove_prefix(taken.size());
      header_ += taken;
      too_long_ = header_.size() > settings_.header_octets;
      if (line_feed == std::string_view::npos) break;
      const auto line = std::string_view(header_).substr(line_begin_);
      line_begin_ = header_.size();
      if (line == "\r\n" || line == "\n") begin_body();
    }
    return in_body_ ? octets : std::string_view();
  }

  void begin_body() {
    in_body_ = true;
    fields_ = split_header(header_);
    for (const auto& field : fields_) {
      if (candidates_.size() == settings_.signatures) break;
      if (text::equal_fold(field.name, "DKIM-Signature"))
        candidates_.push_back({parse_dkim_signature_field(field.octets), field.octets, std::nullopt});
    }
    chain_ = ArcChain(fields_);
    for (const auto& candidate : candidates_) {
      if (candidate.field.fault.empty() && !candidate.field.covers_part) want_hash(candidate.field.body_form);
    }
    if (is_chain()) want_hash(chain_.sets().back().message.body_form);
  }

  void want_hash(Canonicalization how) {
    if (!hash_of(how)) hash_of(how) = std::make_unique<BodyHash>(how);
  }

  std::unique_ptr<BodyHash>& hash_of(Canonicalization how) { return hashes_.at(static_cast<std::size_t>(how)); }

  static DkimVerdict verdict(const Candidate& candidate, DkimResult result, std::string_view reason) {
    const auto& field = candidate.field;
    return {result, field.domain, field.selector, field.algorithm_name, field.signature_begin, std::string(reason)};
  }

  /// Nothing where DNS has not answered.
  std::optional<DkimVerdict> settle(const Candidate& candidate, DnsTable& dns, base::Time now) {
    const auto say = [&](DkimResult result, std::string_view reason) { return verdict(candidate, result, reason); };
    const auto& field = candidate.field;
    if (!field.fault.empty()) return say(DkimResult::permerror, field.fault);
    // What was appended would be shown with what was signed.
    if (field.covers_part) return say(DkimResult::policy, "l= leaves a part of the body unsigned");
    if (field.expires && *field.expires < base::to_seconds(now)) return say(DkimResult::policy, "expired");
    if (field.made && *field.made > base::to_seconds(now + settings_.clock_skew))
      return say(DkimResult::policy, "made in the future");
    const auto& answer = dns.look_up({DnsQuestion::Type::txt, field.selector + "._domainkey." + field.domain});
    if (answer.failed()) return std::nullopt;
    std::optional<DkimPublicKey> key;
    for (const auto& record : answer.records) {
      auto read = parse_dkim_public_key(record);
      // RFC 6376 §3.6.2.2: of several none can be said to be the one.
      if (read && key) return say(DkimResult::permerror, "more than one key");
      if (read) key = std::move(read);
    }
    if (!key) return say(DkimResult::permerror, "no key");
    return judge(candidate, *key);
  }

  DkimVerdict judge(const Candidate& candidate, const DkimPublicKey& key) {
    const auto say = [&](DkimResult result, std::string_view reason) { return verdict(candidate, result, reason); };
    const auto& field = candidate.field;
    if (key.is_revoked()) return say(DkimResult::permerror, "the key is revoked");
    if (!key.is_for(*field.algorithm)) return say(DkimResult::permerror, "the key is for another algorithm");
    if (key.identity_exact && field.identity != field.domain)
      return say(DkimResult::permerror, "i= is below the signing domain");
    const auto bits = key.rsa_bits().value_or(settings_.least_rsa_bits);
    if (bits > settings_.most_rsa_bits) return say(DkimResult::policy, "the key is too long");
    // RFC 6376 §3.6.1: what is on trial is no worse than what is not signed.
    const auto failed = key.testing ? DkimResult::neutral : DkimResult::fail;
    if (field.body_hash != hash_of(field.body_form)->digest()) return say(failed, "the body was changed");
    if (!key.verify(signed_octets(candidate), field.signature)) return say(failed, "the signature does not hold");
    if (bits < settings_.least_rsa_bits) return say(DkimResult::policy, "the key is too short");
    return say(DkimResult::pass, "");
  }

  /// RFC 6376 §3.7. A signature that names DKIM-Signature fields means others than itself.
  std::string signed_octets(const Candidate& candidate) const {
    const auto& field = candidate.field;
    auto others = fields_;
    std::erase_if(others, [&](const HeaderField& each) { return each.octets.data() == candidate.octets.data(); });
    std::string octets = canonical_fields(others, field.names, field.header_form);
    octets += canonical_field(field.header_form, field.unsigned_field);
    octets.resize(octets.size() - 2);
    return octets;
  }

  Settings settings_;
  std::string header_;
  std::size_t line_begin_ = 0;  ///< of the header's last line
  bool in_body_ = false;
  bool too_long_ = false;
  std::vector<HeaderField> fields_;  ///< parts of header_
  std::vector<Candidate> candidates_;
  ArcChain chain_;
  std::optional<ArcVerdict> arc_settled_;
  std::array<std::unique_ptr<BodyHash>, 2> hashes_;  ///< by Canonicalization
};

DkimVerification::DkimVerification(const Settings& settings) : state_(std::make_unique<State>(settings)) {}
DkimVerification::~DkimVerification() = default;
DkimVerification::DkimVerification(DkimVerification&&) noexcept = default;
DkimVerification& DkimVerification::operator=(DkimVerification&&) noexcept = default;

void DkimVerification::update(std::string_view octets) {
  state_->update(octets);
}

void DkimVerification::finish() {
  state_->finish();
}

std::vector<DkimVerdict> DkimVerification::verdicts(DnsTable& dns, base::Time now) {
  return state_->verdicts(dns, now);
}

ArcVerdict DkimVerification::arc_verdict(DnsTable& dns) {
  return state_->arc_verdict(dns);
}

}  // namespace mailpod::mailauth
