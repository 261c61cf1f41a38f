#include <mailpod/reports/dmarc_report.hpp>

#include <algorithm>
#include <charconv>
#include <memory>
#include <new>
#include <optional>

#include <expat.h>

namespace mailpod::reports {

namespace {

std::optional<std::uint64_t> number_in(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view white_space(" \t\r\n");
  const auto begin = text.find_first_not_of(white_space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(white_space) - begin + 1);
}

constexpr std::uint64_t latest = 253'402'300'799;  // seconds: the year 9999

/// Takes a report's elements as expat brings them: what stands at a path of names is one field.
class Reading {
public:
  explicit Reading(const DmarcReportLimits& limits) : limits_(limits) {}

  void begin(std::string_view name) {
    // Of a namespace only the name behind it counts.
    name = name.substr(name.rfind(':') + 1);
    if (depth_ == 0 && name != "feedback") fault_ = Errc::no_report;
    if (++depth_ > limits_.depth) fault_ = Errc::malformed;
    if (fault_) return;
    path_ += '/';
    path_ += name;
    text_.clear();
    if (path_ == "/feedback/record") report_.rows.emplace_back();
    if (report_.rows.size() > limits_.rows) fault_ = Errc::too_big;
  }
  void text(std::string_view octets) { text_ += octets.substr(0, limits_.text - std::min(limits_.text, text_.size())); }
  void end() {
    if (fault_) return;
    take(trimmed(text_));
    path_.erase(path_.rfind('/'));
    text_.clear();
    --depth_;
  }
  void refuse() { fault_ = Errc::malformed; }

  std::optional<Errc> fault() const { return fault_; }
  DmarcReport take_report() { return std::move(report_); }

private:
  void take(std::string_view value) {
    struct Field {
      std::string_view path;
      std::string DmarcReport::* into;
    };
    constexpr Field fields[] = {{"/feedback/report_metadata/org_name", &DmarcReport::organization},
                                {"/feedback/report_metadata/report_id", &DmarcReport::id},
                                {"/feedback/policy_published/domain", &DmarcReport::domain},
                                {"/feedback/policy_published/p", &DmarcReport::policy}};
    for (const Field& field : fields) {
      if (path_ == field.path) report_.*field.into = value;
    }
    if (path_ == "/feedback/report_metadata/date_range/begin") report_.begins = time(value);
    if (path_ == "/feedback/report_metadata/date_range/end") report_.ends = time(value);
    if (path_.starts_with("/feedback/record/")) take(value, report_.rows.back());
  }
  void take(std::string_view value, DmarcRow& row) {
    struct Field {
      std::string_view path;
      std::string DmarcRow::* into;
    };
    constexpr Field fields[] = {{"/feedback/record/row/source_ip", &DmarcRow::source_address},
                                {"/feedback/record/row/policy_evaluated/disposition", &DmarcRow::disposition},
                                {"/feedback/record/row/policy_evaluated/dkim", &DmarcRow::dkim},
                                {"/feedback/record/row/policy_evaluated/spf", &DmarcRow::spf},
                                {"/feedback/record/identifiers/header_from", &DmarcRow::header_from}};
    for (const Field& field : fields) {
      if (path_ == field.path) row.*field.into = value;
    }
    if (path_ == "/feedback/record/row/count") row.messages = number(value);
  }
  std::uint64_t number(std::string_view value) {
    const auto found = number_in(value);
    if (!found) fault_ = Errc::malformed;
    return found.value_or(0);
  }
  base::Time time(std::string_view value) { return base::from_seconds(std::min(number(value), latest)); }

  const DmarcReportLimits& limits_;
  DmarcReport report_;
  std::string path_;
  std::string text_;
  std::size_t depth_ = 0;
  std::optional<Errc> fault_;
};

using Parser = std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)>;

/// What is refused is not read on.
void stop_if_refused(XML_Parser parser, const Reading& reading) {
  if (reading.fault()) XML_StopParser(parser, XML_FALSE);
}

/// Expat's callbacks know the parser, and by it the reading.
Reading& reading_of(void* parser) {
  return *static_cast<Reading*>(XML_GetUserData(static_cast<XML_Parser>(parser)));
}

Parser parser_for(Reading& reading) {
  Parser parser(XML_ParserCreate(nullptr), &XML_ParserFree);
  if (!parser) throw std::bad_alloc();
  XML_SetUserData(parser.get(), &reading);
  XML_UseParserAsHandlerArg(parser.get());
  XML_SetElementHandler(
      parser.get(),
      [](void* self, const XML_Char* name, const XML_Char**) {
        reading_of(self).begin(name);
        stop_if_refused(static_cast<XML_Parser>(self), reading_of(self));
      },
      [](void* self, const XML_Char*) {
        reading_of(self).end();
        stop_if_refused(static_cast<XML_Parser>(self), reading_of(self));
      });
  XML_SetCharacterDataHandler(parser.get(), [](void* self, const XML_Char* octets, int size) {
    reading_of(self).text({octets, static_cast<std::size_t>(size)});
  });
  // Entities of its own, near or far, would be its author's means: there is no document type without which a report
  // could not be read.
  XML_SetStartDoctypeDeclHandler(parser.get(), [](void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    reading_of(self).refuse();
    stop_if_refused(static_cast<XML_Parser>(self), reading_of(self));
  });
  return parser;
}

}  // namespace

Result<DmarcReport> parse_dmarc_report(std::string_view xml, const DmarcReportLimits& limits) {
  if (xml.size() > limits.octets) return Errc::too_big;
  if (!trimmed(xml.substr(0, 64)).starts_with('<') && !xml.starts_with("\xef\xbb\xbf<")) return Errc::no_report;
  Reading reading(limits);
  const Parser parser = parser_for(reading);
  const auto done = XML_Parse(parser.get(), xml.data(), static_cast<int>(xml.size()), XML_TRUE);
  if (reading.fault()) return *reading.fault();
  if (done != XML_STATUS_OK) return Errc::malformed;
  return reading.take_report();
}

}  // namespace mailpod::reports
