#include <mailpod/reports/tls_report.hpp>

#include <nlohmann/json.hpp>

namespace mailpod::reports {

namespace {

using nlohmann::json;

/// Reads members one after the other, and remembers whether each was what it has to be.
class Reader {
public:
  explicit Reader(const TlsReportLimits& limits) : limits_(limits) {}

  std::string text(const json& in, const char* name) {
    const auto found = in.find(name);
    if (found == in.end() || found->is_null()) return {};
    if (!found->is_string()) return fail<std::string>();
    return found->get_ref<const std::string&>().substr(0, limits_.text);
  }
  std::uint64_t number(const json& in, const char* name) {
    const auto found = in.find(name);
    if (found == in.end()) return 0;
    return found->is_number_unsigned() ? found->get<std::uint64_t>() : fail<std::uint64_t>();
  }
  /// Of a member that may be absent; an empty one in its place.
  const json& list(const json& in, const char* name) {
    static const json empty = json::array();
    const auto found = in.find(name);
    if (found == in.end() || found->is_null()) return empty;
    ok_ &= found->is_array();
    return found->is_array() ? *found : empty;
  }
  const json& object(const json& in, const char* name) {
    static const json empty = json::object();
    const auto found = in.find(name);
    ok_ &= found != in.end() && found->is_object();
    return ok_ ? *found : empty;
  }
  /// False, and nothing that was read counts, unless it is one.
  bool is_object(const json& value) {
    ok_ &= value.is_object();
    return ok_;
  }
  bool ok() const { return ok_; }

private:
  template <class T>
  T fail() {
    ok_ = false;
    return {};
  }
  const TlsReportLimits& limits_;
  bool ok_ = true;
};

TlsFailure failure_in(Reader& reader, const json& in) {
  return {reader.text(in, "result-type"), reader.text(in, "receiving-mx-hostname"), reader.text(in, "receiving-ip"),
          reader.number(in, "failed-session-count")};
}

TlsPolicyReport policy_in(Reader& reader, const json& in) {
  TlsPolicyReport policy;
  const json& said = reader.object(in, "policy");
  policy.type = reader.text(said, "policy-type");
  policy.domain = reader.text(said, "policy-domain");
  const json& summary = reader.object(in, "summary");
  policy.successes = reader.number(summary, "total-successful-session-count");
  policy.failures = reader.number(summary, "total-failure-session-count");
  for (const json& failure : reader.list(in, "failure-details")) {
    if (reader.is_object(failure)) policy.named.push_back(failure_in(reader, failure));
  }
  return policy;
}

/// The parser's own limit: what is nested deeper is not kept.
bool is_nested_deeper(std::string_view octets, std::size_t depth) {
  std::size_t open = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const char octet = octets[i];
    if (quoted && octet == '\\') {
      ++i;
    } else if (octet == '"') {
      quoted = !quoted;
    } else if (!quoted && (octet == '{' || octet == '[')) {
      if (++open > depth) return true;
    } else if (!quoted && (octet == '}' || octet == ']') && open > 0) {
      --open;
    }
  }
  return false;
}

}  // namespace

Result<TlsReport> parse_tls_report(std::string_view octets, const TlsReportLimits& limits) {
  const auto begin = octets.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || (octets[begin] != '{' && octets[begin] != '[')) return Errc::no_report;
  if (octets.size() > limits.octets) return Errc::too_big;
  if (is_nested_deeper(octets, limits.depth)) return Errc::malformed;
  const json all = json::parse(octets, nullptr, false);
  if (!all.is_object() || !all.contains("policies")) return Errc::no_report;
  Reader reader(limits);
  TlsReport report;
  report.organization = reader.text(all, "organization-name");
  report.id = reader.text(all, "report-id");
  const json& range = reader.object(all, "date-range");
  report.begins = reader.text(range, "start-datetime");
  report.ends = reader.text(range, "end-datetime");
  std::size_t failures = 0;
  for (const json& policy : reader.list(all, "policies")) {
    if (!reader.is_object(policy)) break;
    report.policies.push_back(policy_in(reader, policy));
    failures += report.policies.back().named.size();
    if (report.policies.size() > limits.policies || failures > limits.failures) return Errc::too_big;
  }
  if (!reader.ok()) return Errc::malformed;
  return report;
}

}  // namespace mailpod::reports
