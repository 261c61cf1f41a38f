#include <mailpod/transfer/export_list.hpp>

#include <algorithm>
#include <array>

namespace mailpod::transfer {
namespace {

constexpr std::string_view first_line = "mailpod export 1";

std::string_view take_until(std::string_view& rest, char sign) {
  const auto end = std::min(rest.find(sign), rest.size());
  const auto taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return taken;
}

}  // namespace

std::string write_export_list(const std::vector<ExportedMailbox>& mailboxes) {
  std::string file(first_line);
  file += '\n';
  for (const auto& mailbox : mailboxes) {
    file += mailbox.place + '\t' + (mailbox.use.empty() ? "-" : mailbox.use) + '\t' +
            (mailbox.subscribed ? "subscribed" : "-") + '\t' + mailbox.name + '\n';
  }
  return file;
}

std::optional<std::vector<ExportedMailbox>> parse_export_list(std::string_view file) {
  if (take_until(file, '\n') != first_line) return std::nullopt;
  std::vector<ExportedMailbox> mailboxes;
  while (!file.empty()) {
    auto line = take_until(file, '\n');
    ExportedMailbox mailbox;
    mailbox.place = take_until(line, '\t');
    mailbox.use = take_until(line, '\t');
    mailbox.subscribed = take_until(line, '\t') == "subscribed";
    mailbox.name = line;
    if (mailbox.use == "-") mailbox.use.clear();
    if (!mailbox.place.empty() && !mailbox.name.empty()) mailboxes.push_back(std::move(mailbox));
  }
  return mailboxes;
}

}  // namespace mailpod::transfer
