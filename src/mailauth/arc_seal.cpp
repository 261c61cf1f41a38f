#include <algorithm>

#include <fmt/format.h>

#include <mailpod/mailauth/canonical.hpp>
#include <mailpod/mailauth/dkim_signature.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/base64.hpp>
#include <mailpod/text/cursor.hpp>

#include "arc_chain.hpp"
#include "header_fields.hpp"

namespace mailpod::mailauth {

namespace {

constexpr auto how = Canonicalization::relaxed;
constexpr std::size_t most_names = 250;  // that a set signs; what has more goes on unsealed
constexpr std::string_view white_space = " \t\r\n";

/// What is signed by a set unless the caller says otherwise; only of those that are there. RFC 6376 §5.4.1.
constexpr std::array<std::string_view, 14> signed_names{"from",         "to",
                                                        "cc",           "subject",
                                                        "date",         "message-id",
                                                        "reply-to",     "in-reply-to",
                                                        "references",   "mime-version",
                                                        "content-type", "content-transfer-encoding",
                                                        "list-id",      "dkim-signature"};

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(white_space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(white_space) - begin + 1);
}

/// What a field says behind its authserv-id; nothing if that is another's.
std::optional<std::string_view> results_of(std::string_view field, std::string_view authserv_id) {
  const auto value = trimmed(field.substr(field.find(':') + 1));
  const auto end = std::min(value.find(';'), value.size());
  if (!text::equal_fold(trimmed(value.substr(0, end)), authserv_id)) return std::nullopt;
  return trimmed(value.substr(std::min(end + 1, value.size())));
}

/// All of them, in order.
std::string merged_results(std::span<const HeaderField> fields, std::string_view authserv_id) {
  std::string merged;
  for (const auto& field : fields) {
    if (!text::equal_fold(field.name, "Authentication-Results")) continue;
    const auto results = results_of(field.octets, authserv_id);
    if (results && !results->empty()) merged.append(merged.empty() ? "" : "; ").append(*results);
  }
  return merged;
}

/// Where the first of the results ends: at a semicolon that is not quoted. They are our own, without comments, but what
/// is quoted in them others have said.
std::size_t end_of_result(std::string_view results) {
  bool quoted = false;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i] == '"') quoted = !quoted;
    if (results[i] == ';' && !quoted) return i;
    if (results[i] == '\\') ++i;
  }
  return results.size();
}

/// Whether the results say this of the chain so far.
bool says(std::string_view results, std::string_view word) {
  while (!results.empty()) {
    const auto end = end_of_result(results);
    const auto result = trimmed(results.substr(0, end));
    constexpr std::string_view ends(" \t\r\n(;");
    if (text::starts_with_fold(result, word) &&
        (result.size() == word.size() || ends.find(result[word.size()]) != std::string_view::npos))
      return true;
    results.remove_prefix(std::min(end + 1, results.size()));
  }
  return false;
}

/// `cv=`; empty where no set may follow.
std::string_view chain_state(const ArcChain& chain, std::string_view results) {
  if (chain.sets().empty()) return chain.fault().empty() ? "none" : "";
  if (chain.sets().size() == ArcChain::most_sets || chain.sets().back().sealed.chain == "fail") return "";
  if (says(results, "arc=pass")) return "pass";
  return says(results, "arc=fail") ? "fail" : "";
}

std::vector<std::string> names_for(const ArcSealer& sealer, std::span<const HeaderField> fields) {
  if (!sealer.names.empty()) return sealer.names;
  std::vector<std::string> names;
  for (const auto name : signed_names) {
    const auto there =
        std::ranges::count_if(fields, [&](const HeaderField& field) { return text::equal_fold(field.name, name); });
    names.insert(names.end(), static_cast<std::size_t>(there), std::string(name));
  }
  return names;
}

/// `a:b:c`, folded behind colons, for a message may have many fields. RFC 5322 §2.1.1.
std::string folded_list(const std::vector<std::string>& names) {
  constexpr std::size_t line_limit = 70;  // octets, beside `h=` and the last colon
  std::string out;
  std::size_t column = 0;
  for (const auto& name : names) {
    if (!out.empty()) out += ':';
    const bool fits = column + name.size() < line_limit;
    if (!fits && !out.empty()) out += "\r\n\t";
    column = (fits ? column : 0) + name.size() + 1;
    out += name;
  }
  return out;
}

/// The signature of `octets` and, behind them, a field whose `b=` is empty, put into that.
std::string signed_field(const DkimKey& key, std::string octets, std::string field) {
  octets += canonical_field(how, field);
  octets.resize(octets.size() - 2);
  const auto place = field.find(" b=;") + 3;
  field.insert(place, text::write_base64(key.sign(octets)));
  return field;
}

}  // namespace

std::string SignableMessage::arc_set(const ArcSealer& sealer, base::Time now) const {
  const auto fields = split_header(header_);
  const auto results = merged_results(fields, sealer.authserv_id);
  const ArcChain chain{fields};
  const auto state = chain_state(chain, results);
  if (results.empty() || state.empty()) return {};
  const auto instance = chain.sets().size() + 1;
  const auto names = names_for(sealer, fields);
  if (names.size() > most_names) return {};
  const auto signatory = fmt::format("s={};\r\n\tt={}", sealer.selector, base::to_seconds(now));

  const auto said =
      fmt::format("ARC-Authentication-Results: i={}; {};\r\n\t{}\r\n", instance, sealer.authserv_id, results);
  const auto body = text::write_base64(base::octets(hash_body(*message_, header_.size(), how)));
  const auto message = signed_field(
      sealer.key, canonical_fields(fields, names, how),
      fmt::format("ARC-Message-Signature: a={};\r\n\t b=;\r\n\tbh={};\r\n\tc=relaxed/relaxed; "
                  "d={};\r\n\th={};\r\n\ti={}; {}\r\n",
                  name_of(sealer.key.algorithm()), body, sealer.domain, folded_list(names), instance, signatory));
  std::string sealed;
  // RFC 8617 §5.1.2: of a chain that is broken only the set that says so.
  if (state != "fail" && instance > 1) sealed = chain.octets_before(chain.sets().size());
  sealed += canonical_field(how, said) + canonical_field(how, message);
  const auto seal =
      signed_field(sealer.key, sealed,
                   fmt::format("ARC-Seal: a={};\r\n\t b=;\r\n\tcv={}; d={}; i={}; {}\r\n",
                               name_of(sealer.key.algorithm()), state, sealer.domain, instance, signatory));
  return seal + message + said;
}

}  // namespace mailpod::mailauth
