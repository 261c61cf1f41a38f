#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace mailpod::queue {

/// What is wrong with the form of a report, in which others had their say; empty if nothing is. Used by unit tests and
/// by the fuzzer.
inline std::string fault_in(std::string_view report, std::string_view boundary, std::size_t recipients) {
  std::vector<std::string_view> lines;
  for (std::string_view rest = report; !rest.empty();) {
    const std::size_t end = rest.find("\r\n");
    if (end == std::string_view::npos) return "it does not end with CRLF";
    const std::string_view line = rest.substr(0, end);
    if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) return "a bare CR, LF or a NUL";
    lines.push_back(line);
    rest.remove_prefix(end + 2);
  }

  constexpr std::array header = {
      "From: ", "To: ", "Subject: ", "Date: ", "Message-ID: ", "Auto-Submitted: ", "MIME-Version: ", "Content-Type: "};
  constexpr std::array status = {"Original-Envelope-Id: ",
                                 "Reporting-MTA: ",
                                 "Arrival-Date: ",
                                 "Original-Recipient: ",
                                 "Final-Recipient: ",
                                 "Action: ",
                                 "Status: ",
                                 "Remote-MTA: ",
                                 "Diagnostic-Code: ",
                                 "Last-Attempt-Date: ",
                                 "Will-Retry-Until: "};
  const auto is_field_of = [](std::string_view line, const auto& names) {
    return std::ranges::any_of(names, [&](std::string_view name) { return line.starts_with(name); });
  };
  const std::string delimiter = "--" + std::string(boundary);
  const std::string end = delimiter + "--";

  // The header, then part by part: 0 before the first, 1 words, 2 status, 3 what is returned, 4 the end.
  std::size_t part = 0;
  std::size_t actions = 0;
  std::size_t fields = 0;
  bool in_part_header = true;
  for (const std::string_view line : lines) {
    if (line == delimiter || line == end) {
      if (in_part_header && part > 0) return "a delimiter within a part's header";
      if ((line == end) != (part == 3)) return "a part too many or too few";
      ++part;
      in_part_header = true;
    } else if (part == 4) {
      return "something behind the end";
    } else if (in_part_header) {
      if (line.empty()) {
        in_part_header = false;
      } else if (part == 0 && !line.starts_with(' ')) {
        if (!is_field_of(line, header)) return "a header field that is not ours: " + std::string(line);
        ++fields;
      }
    } else if (part == 0) {
      if (!line.empty()) return "something between the header and the first part";
    } else if (part < 3) {
      if (line.size() > 998) return "a line that is too long";
      if (part == 2 && !line.empty() && !line.starts_with(' ')) {
        if (!is_field_of(line, status)) return "a status field that is not ours: " + std::string(line);
        if (line.starts_with("Action: ")) ++actions;
      }
    }
  }
  if (part != 4) return "it does not end";
  if (fields != header.size()) return "a header field twice or never";
  return actions == recipients ? "" : "more or fewer recipients than there are";
}

}  // namespace mailpod::queue
