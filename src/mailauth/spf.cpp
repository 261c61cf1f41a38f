#include <mailpod/mailauth/spf.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <span>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/cursor.hpp>

#include "domain_name.hpp"
#include "spf_macros.hpp"
#include "spf_record.hpp"

namespace mailpod::mailauth {

namespace {

using Mechanism = SpfDirective::Mechanism;
using Type = DnsQuestion::Type;

/// What became of one directive.
enum class Match { no, yes, temperror, permerror };

/// One check_host() and those within it. The limits are over all of them.
class Evaluation {
public:
  Evaluation(const SpfQuery& query, const IpAddress& client, std::string sender_domain, DnsTable& dns,
             const SpfLimits& limits)
      : query_(query), client_(client), sender_domain_(std::move(sender_domain)), dns_(dns), limits_(limits) {}

  SpfResult run() {
    const SpfResult result = check_host(sender_domain_);
    return stopped_.value_or(result);
  }

  /// What the failing policy says of it. RFC 7208 §6.2.
  std::string explanation() {
    if (!explanation_) return {};
    const std::string target = expanded(*explanation_, explained_);
    const auto& answer = dns_.look_up({Type::txt, target});
    if (answer.records.size() != 1) return {};
    const auto& text = answer.records.front();
    if (text.size() > limits_.record || !is_macro_string(text, MacroPlace::explanation)) return {};
    const std::string out = expanded_text(text, explained_);
    constexpr text::OctetSet printable = text::octets::vchar | text::OctetSet(" ");
    const bool clean = std::ranges::all_of(out, [&](char octet) { return printable.contains(octet); });
    return clean && !stopped_ ? out : std::string();
  }

private:
  /// RFC 7208 §4
  SpfResult check_host(const std::string& domain) {
    if (!is_host_name(domain)) return SpfResult::none;
    const auto& answer = dns_.look_up({Type::txt, domain});
    if (answer.failed()) return SpfResult::temperror;
    const std::string* text = nullptr;
    for (const auto& record : answer.records) {
      if (!is_spf_record(record)) continue;
      if (text != nullptr) return SpfResult::permerror;
      text = &record;
    }
    if (text == nullptr) return SpfResult::none;
    if (text->size() > limits_.record) return SpfResult::permerror;
    const auto record = parse_spf_record(*text);
    if (!record) return SpfResult::permerror;
    return evaluate(*record, domain);
  }

  SpfResult evaluate(const SpfRecord& record, const std::string& domain) {
    for (const auto& directive : record.directives) {
      if (!step()) return *stopped_;
      switch (match(directive, domain)) {
        case Match::no:
          continue;
        case Match::temperror:
          return SpfResult::temperror;
        case Match::permerror:
          return SpfResult::permerror;
        case Match::yes:
          explanation_ = record.explanation;
          explained_ = domain;
          return directive.says;
      }
    }
    if (!record.redirect) return SpfResult::neutral;
    if (!count_lookup()) return SpfResult::permerror;
    const SpfResult redirected = check_host(expanded(*record.redirect, domain));
    return redirected == SpfResult::none ? SpfResult::permerror : redirected;
  }

  Match match(const SpfDirective& directive, const std::string& domain) {
    if (directive.mechanism == Mechanism::all) return Match::yes;
    if (directive.network) {
      const unsigned prefix = client_.is_v4() ? directive.v4_prefix : directive.v6_prefix;
      return client_.is_in(*directive.network, prefix) ? Match::yes : Match::no;
    }
    if (!count_lookup()) return Match::permerror;
    const std::string target = directive.domain_spec.empty() ? domain : expanded(directive.domain_spec, domain);
    if (stopped_) return Match::permerror;
    switch (directive.mechanism) {
      case Mechanism::include:
        return match_include(target);
      case Mechanism::a:
        return match_addresses(target, directive);
      case Mechanism::mx:
        return match_exchanges(target, directive);
      case Mechanism::ptr:
        return match_host(target);
      default:
        return match_existence(target);
    }
  }

  /// RFC 7208 §5.2. What fails there explains nothing here.
  Match match_include(const std::string& target) {
    switch (check_host(target)) {
      case SpfResult::pass:
        return Match::yes;
      case SpfResult::temperror:
        return Match::temperror;
      case SpfResult::permerror:
      case SpfResult::none:
        return Match::permerror;
      default:
        return Match::no;
    }
  }

  Match match_addresses(const std::string& target, const SpfDirective& directive) {
    const DnsAnswer* answer = ask({client_.is_v4() ? Type::a : Type::aaaa, target});
    if (answer == nullptr) return Match::permerror;
    if (answer->failed()) return Match::temperror;
    const unsigned prefix = client_.is_v4() ? directive.v4_prefix : directive.v6_prefix;
    return has_client(*answer, prefix) ? Match::yes : Match::no;
  }

  /// RFC 7208 §5.4. All exchanges are asked for before one of them is doubted: their addresses come together.
  Match match_exchanges(const std::string& target, const SpfDirective& directive) {
    const DnsAnswer* answer = ask({Type::mx, target});
    if (answer == nullptr) return Match::permerror;
    if (answer->failed()) return Match::temperror;
    if (answer->records.size() > limits_.names_of_host) return Match::permerror;
    for (const auto& exchange : answer->records) dns_.look_up({client_.is_v4() ? Type::a : Type::aaaa, exchange});
    for (const auto& exchange : answer->records) {
      const Match match = match_addresses(exchange, directive);
      if (match != Match::no) return match;
    }
    return Match::no;
  }

  /// RFC 7208 §5.5
  Match match_host(const std::string& target) {
    if (ask({Type::ptr, client_.str()}) == nullptr) return Match::permerror;
    const auto ours = [&](const std::string& name) { return is_or_is_below(name, target); };
    return validated_name(ours).empty() ? Match::no : Match::yes;
  }

  /// RFC 7208 §5.7: IPv4, whatever the client has.
  Match match_existence(const std::string& target) {
    const DnsAnswer* answer = ask({Type::a, target});
    if (answer == nullptr) return Match::permerror;
    if (answer->failed()) return Match::temperror;
    return answer->records.empty() ? Match::no : Match::yes;
  }

  /// Whether one of the addresses is the client's, or in the same network.
  bool has_client(const DnsAnswer& answer, unsigned prefix) {
    return std::ranges::any_of(answer.records, [&](const std::string& text) {
      if (!step()) return false;
      const auto address = IpAddress::parse(text);
      return address && client_.is_in(*address, prefix);
    });
  }

  /// Looked at once a name, however often it is asked.
  bool leads_back(const std::string& name) {
    const auto known = leading_back_.find(name);
    if (known != leading_back_.end()) return known->second;
    const auto& answer = dns_.look_up({client_.is_v4() ? Type::a : Type::aaaa, name});
    return leading_back_[name] = has_client(answer, 128);
  }

  /// The first of the client's names that leads back to its address and is `wanted`; empty if none is. What DNS does
  /// not answer is passed over.
  std::string validated_name(const std::function<bool(const std::string&)>& wanted) {
    const auto& names = dns_.look_up({Type::ptr, client_.str()});
    const auto most = std::min<std::size_t>(names.records.size(), limits_.names_of_host);
    for (const auto& name : std::span(names.records).first(most)) {
      if (!step()) return {};
      if (wanted(name) && leads_back(name)) return name;
    }
    return {};
  }

  /// The macro `p`, of which a record may hold a thousand.
  const std::string& name_of_client(const std::string& domain) {
    auto& name = names_of_client_[domain];
    if (name.empty()) name = find_name_of_client(domain);
    return name;
  }

  /// RFC 7208 §7.3: the domain itself rather than a name below it, and that rather than another.
  std::string find_name_of_client(const std::string& domain) {
    const std::array<std::function<bool(const std::string&)>, 3> wishes{
        [&](const std::string& name) { return name == domain; },
        [&](const std::string& name) { return is_or_is_below(name, domain); }, [](const std::string&) { return true; }};
    for (const auto& wish : wishes) {
      auto name = validated_name(wish);
      if (!name.empty()) return name;
    }
    return "unknown";
  }

  MacroValues values(const std::string& domain) {
    return {query_, client_, sender_domain_, domain, [this, domain] { return name_of_client(domain); }};
  }

  /// A domain.
  std::string expanded(const std::string& domain_spec, const std::string& domain) {
    return shortened(text::lower(expanded_text(domain_spec, domain)));
  }

  std::string expanded_text(const std::string& text, const std::string& domain) {
    auto out = expand_macros(text, values(domain), limits_.expansions - expanded_octets_);
    if (!out) stop(SpfResult::permerror);
    if (out) expanded_octets_ += out->size();
    return out.value_or("");
  }

  void stop(SpfResult result) {
    if (!stopped_) stopped_ = result;
  }

  /// Whether there may be more. All loops whose length strangers choose ask it.
  bool step() {
    if (stopped_) return false;
    if (++steps_ > limits_.steps) stop(SpfResult::permerror);
    if (limits_.time_is_up && limits_.time_is_up()) stop(SpfResult::temperror);
    return !stopped_;
  }

  bool count_lookup() { return ++lookups_ <= limits_.lookups; }

  /// nullptr when too many lookups led to nothing.
  const DnsAnswer* ask(const DnsQuestion& question) {
    const auto& answer = dns_.look_up(question);
    if (answer.is_void() && ++void_lookups_ > limits_.void_lookups) return nullptr;
    return &answer;
  }

  const SpfQuery& query_;
  const IpAddress& client_;
  std::string sender_domain_;
  DnsTable& dns_;
  const SpfLimits& limits_;
  unsigned lookups_ = 0;
  unsigned void_lookups_ = 0;
  unsigned steps_ = 0;
  std::size_t expanded_octets_ = 0;
  std::optional<SpfResult> stopped_;                    ///< the result, if a limit of the work was reached
  std::map<std::string, bool> leading_back_;            ///< by name
  std::map<std::string, std::string> names_of_client_;  ///< by domain
  std::optional<std::string> explanation_;
  std::string explained_;  ///< whose it is
};

}  // namespace

std::string_view name_of(SpfResult result) {
  constexpr std::array<std::string_view, 7> names{"none",     "neutral",   "pass",     "fail",
                                                  "softfail", "temperror", "permerror"};
  return names.at(static_cast<std::size_t>(result));
}

SpfVerdict check_spf(const SpfQuery& query, DnsTable& dns, Explain explain, const SpfLimits& limits) {
  SpfVerdict verdict;
  verdict.domain = text::lower(query.domain.empty() ? query.helo : query.domain);
  if (verdict.domain.ends_with('.')) verdict.domain.pop_back();
  const auto client = IpAddress::parse(query.client);
  if (!client) return verdict;
  Evaluation evaluation(query, *client, verdict.domain, dns, limits);
  verdict.result = evaluation.run();
  if (verdict.result == SpfResult::fail && explain == Explain::yes) verdict.explanation = evaluation.explanation();
  return verdict;
}

}  // namespace mailpod::mailauth
