#include <mailpod/reports/feedback_report.hpp>

#include <charconv>

#include <mailpod/message/header_fields.hpp>
#include <mailpod/text/ascii.hpp>

namespace mailpod::reports {

namespace {

/// On one line, without white space around it.
std::string value_of(std::string_view field, std::size_t limit) {
  std::string line;
  for (const char octet : field) line += octet == '\r' || octet == '\n' ? ' ' : octet;
  return std::string(text::trim(line).substr(0, limit));
}

bool take_number(std::string_view digits, std::uint64_t& into) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), into);
  return error == std::errc() && end == digits.data() + digits.size();
}

}  // namespace

Result<FeedbackReport> parse_feedback_report(std::string_view fields, const FeedbackLimits& limits) {
  FeedbackReport report;
  std::string version;
  message::SpelledField field;
  for (std::size_t count = 0; message::take_field(fields, field); ++count) {
    if (count == limits.fields) return Errc::too_big;
    const std::string value = value_of(field.value, limits.text);
    const auto is = [&](std::string_view name) { return text::equal_fold(field.name, name); };
    if (is("Feedback-Type")) report.type = text::lower(value);
    if (is("User-Agent")) report.user_agent = value;
    if (is("Version")) version = value;
    if (is("Source-IP")) report.source_address = value;
    if (is("Reported-Domain")) report.domains.push_back(value);
    if (is("Incidents") && !take_number(value, report.incidents)) return Errc::malformed;
  }
  // RFC 5965 §3.1: 0.1 was before it, and is still sent.
  if (report.type.empty() || (version != "1" && version != "0.1")) return Errc::malformed;
  return report;
}

}  // namespace mailpod::reports
