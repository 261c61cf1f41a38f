#include <algorithm>

#include <mailpod/message/attached_text.hpp>
#include <mailpod/text/ascii.hpp>

namespace mailpod::message {
namespace {

struct Row {
  std::string_view name;
  AttachedForm form;
};

/// Of application/…; beside these, whatever ends in +json or +xml is text.
constexpr Row subtypes[] = {
    {"json", AttachedForm::text},     {"xml", AttachedForm::text},        {"yaml", AttachedForm::text},
    {"toml", AttachedForm::text},     {"sql", AttachedForm::text},        {"csv", AttachedForm::text},
    {"ics", AttachedForm::text},      {"javascript", AttachedForm::text}, {"ecmascript", AttachedForm::text},
    {"x-sh", AttachedForm::text},     {"x-tex", AttachedForm::text},      {"x-latex", AttachedForm::text},
    {"x-subrip", AttachedForm::text}, {"xhtml+xml", AttachedForm::html},  {"rtf", AttachedForm::rtf},
    {"x-rtf", AttachedForm::rtf},
};
/// Of what such names begin with: texts, tables, slides, with macros or without, and their templates.
constexpr std::string_view office_subtypes[] = {
    "vnd.oasis.opendocument.",
    "vnd.openxmlformats-officedocument.",
    "vnd.ms-word.document.macroenabled",
    "vnd.ms-word.template.macroenabled",
    "vnd.ms-excel.sheet.macroenabled",
    "vnd.ms-excel.template.macroenabled",
    "vnd.ms-powerpoint.presentation.macroenabled",
    "vnd.ms-powerpoint.slideshow.macroenabled",
};
/// Ends of file names, where the type says nothing.
constexpr Row endings[] = {
    {".txt", AttachedForm::text},    {".text", AttachedForm::text},   {".log", AttachedForm::text},
    {".md", AttachedForm::text},     {".csv", AttachedForm::text},    {".tsv", AttachedForm::text},
    {".ics", AttachedForm::text},    {".vcf", AttachedForm::text},    {".json", AttachedForm::text},
    {".xml", AttachedForm::text},    {".yaml", AttachedForm::text},   {".yml", AttachedForm::text},
    {".tex", AttachedForm::text},    {".patch", AttachedForm::text},  {".diff", AttachedForm::text},
    {".html", AttachedForm::html},   {".htm", AttachedForm::html},    {".rtf", AttachedForm::rtf},
    {".odt", AttachedForm::office},  {".ods", AttachedForm::office},  {".odp", AttachedForm::office},
    {".ott", AttachedForm::office},  {".docx", AttachedForm::office}, {".docm", AttachedForm::office},
    {".xlsx", AttachedForm::office}, {".xlsm", AttachedForm::office}, {".pptx", AttachedForm::office},
    {".pptm", AttachedForm::office},
};

std::optional<AttachedForm> form_by_subtype(std::string_view subtype) {
  if (const auto* const row = std::ranges::find(subtypes, subtype, &Row::name); row != std::end(subtypes))
    return row->form;
  if (subtype.ends_with("+json") || subtype.ends_with("+xml")) return AttachedForm::text;
  const auto begins = [subtype](std::string_view begin) { return subtype.starts_with(begin); };
  if (std::ranges::any_of(office_subtypes, begins)) return AttachedForm::office;
  return std::nullopt;
}

std::optional<AttachedForm> form_by_name(std::string_view name) {
  const auto lower = text::lower(name);
  const auto ends = [&lower](const Row& row) { return lower.ends_with(row.name); };
  const auto* const row = std::ranges::find_if(endings, ends);
  return row == std::end(endings) ? std::nullopt : std::optional(row->form);
}

}  // namespace

std::optional<AttachedForm> attached_form(const Part& part) {
  if (part.is_multipart() || part.holds_message()) return std::nullopt;
  if (part.type == "text") return part.subtype == "rtf" ? std::optional(AttachedForm::rtf) : std::nullopt;
  if (part.type == "message") return AttachedForm::text;  // RFC 3464
  if (part.type != "application") return std::nullopt;
  if (part.subtype == "octet-stream") return form_by_name(attached_name(part));
  return form_by_subtype(part.subtype);
}

std::string attached_name(const Part& part) {
  if (part.disposition) {
    const auto* const name = find_parameter(part.disposition->parameters, "filename");
    if (name != nullptr) return name->text();
  }
  const auto* const name = find_parameter(part.parameters, "name");
  return name == nullptr ? std::string() : name->text();
}

}  // namespace mailpod::message
