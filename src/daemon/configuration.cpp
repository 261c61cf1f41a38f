#include "configuration.hpp"

#include <algorithm>
#include <set>

#include <mailpod/text/toml.hpp>
#include <mailpod/text/unicode.hpp>

#include "settings_table.hpp"

namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;

constexpr std::uint64_t largest_configuration = 256 * 1024;  // octets

/// A list whose items are all of one kind; nothing if they are not.
template <class Item>
std::optional<Value> list_of(const std::vector<text::TomlValue>& list) {
  std::vector<Item> items;
  for (const auto& given : list) {
    const auto* item = std::get_if<Item>(&given.value);
    if (item == nullptr) return std::nullopt;
    items.push_back(*item);
  }
  return Value(std::move(items));
}

/// A value of the document as a setting's; nothing if it is of a kind that no setting has.
std::optional<Value> value_of(const text::TomlValue& given) {
  if (const auto* number = std::get_if<std::int64_t>(&given.value)) return Value(*number);
  if (const auto* octets = std::get_if<std::string>(&given.value)) return Value(*octets);
  if (const auto* choice = std::get_if<bool>(&given.value)) return Value(*choice);
  const auto* list = std::get_if<std::vector<text::TomlValue>>(&given.value);
  if (list == nullptr) return std::nullopt;
  const bool numbers = !list->empty() && std::holds_alternative<std::int64_t>(list->front().value);
  return numbers ? list_of<std::int64_t>(*list) : list_of<std::string>(*list);
}

const Setting* find(std::string_view section, std::string_view name) {
  const auto rows = settings();
  const auto found = std::ranges::find_if(
      rows, [&](const Setting& setting) { return setting.section == section && setting.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

/// Walks the document and puts every value where its row says.
class Reader {
public:
  explicit Reader(std::string_view file) : file_(file) {}

  governance::Verdict<Configuration> read(const text::TomlTable& document) {
    for (const auto& [name, value] : document.entries) {
      if (const auto* section = std::get_if<text::TomlTable>(&value.value)) {
        read_section(name, *section);
      } else {
        complain(Errc::unknown_key, value.line, name + " is no setting", "write it below the [section] it belongs to");
      }
    }
    for (const auto& setting : settings()) {
      const std::string label = fmt::format("{}.{}", setting.section, setting.name);
      if (setting.presence == Setting::Presence::required && !seen_.contains(label))
        complain(Errc::missing_key, 0, label + " is missing",
                 fmt::format("write it below [{}]; `mailpod init` does", setting.section));
    }
    if (!complaint_ && configuration_.certificates.size() != configuration_.keys.size())
      complain(Errc::bad_value, 0, "tls.certificates and tls.keys are of different lengths",
               "name one key for each certificate, in the same order");
    if (complaint_) return *complaint_;
    return configuration_;
  }

private:
  void read_section(const std::string& section, const text::TomlTable& table) {
    if (std::ranges::none_of(settings(), [&](const Setting& setting) { return setting.section == section; }))
      complain(Errc::unknown_key, table.line, "there is no section [" + section + "]",
               "remove it, or look it up in config/mailpod.toml");
    for (const auto& [name, value] : table.entries) take(section, name, value);
  }

  void take(const std::string& section, const std::string& name, const text::TomlValue& given) {
    const std::string label = section + "." + name;
    const Setting* setting = find(section, name);
    if (setting == nullptr) {
      complain(Errc::unknown_key, given.line, label + " is no setting",
               "remove it, or look it up in config/mailpod.toml");
      return;
    }
    seen_.insert(label);
    const auto value = value_of(given);
    const auto expected = value ? setting->put(configuration_, *value) : setting->put(configuration_, Value(""));
    if (expected || !value)
      complain(Errc::bad_value, given.line, label + " cannot be that",
               "write " + expected.value_or("another kind of value"));
  }

  /// Keeps the complaint that stands first in the file.
  void complain(Errc code, std::size_t line, std::string what, std::string remedy) {
    if (complaint_ && (line == 0 || (complaint_->line != 0 && complaint_->line <= line))) return;
    complaint_ = Complaint{code, file_, line, std::move(what), std::move(remedy)};
  }

  std::string file_;
  Configuration configuration_;
  std::set<std::string> seen_;
  std::optional<Complaint> complaint_;
};

/// `# …` lines of at most 110 columns.
std::string commented(std::string_view text) {
  std::string out;
  std::string line = "#";
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (line.size() + 1 + end > 110) {
      out += line + "\n";
      line = "#";
    }
    line += " " + std::string(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + line + "\n";
}

}  // namespace

std::string literal(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* octets = std::get_if<std::string>(&value)) return text::quoted(*octets);
  if (const auto* choice = std::get_if<bool>(&value)) return *choice ? "true" : "false";
  if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(&value))
    return fmt::format("[{}]", fmt::join(*numbers, ", "));
  std::string out;
  for (const auto& octets : std::get<std::vector<std::string>>(value))
    out += (out.empty() ? "" : ", ") + text::quoted(octets);
  return "[" + out + "]";
}

std::string comment_on(const Setting& setting) {
  std::string comment(setting.comment);
  const bool said = section_comment(setting.section).find("next start") != std::string_view::npos;
  if (setting.counts == Setting::Counts::from_start && !said) comment += " Counts from the next start on.";
  return comment;
}

governance::Verdict<Configuration> parse_configuration(std::string_view text, std::string_view file) {
  const auto refuse = [&](Errc code, std::size_t line, std::string what, std::string remedy) {
    return Complaint{code, std::string(file), line, std::move(what), std::move(remedy)};
  };
  if (text.size() > largest_configuration)
    return refuse(Errc::too_large, 0, "this is no configuration", "it must be a file of at most 256 KiB");
  if (const auto at = text.find('\r'); at != std::string_view::npos)
    return refuse(Errc::carriage_return, 1 + static_cast<std::size_t>(std::ranges::count(text.substr(0, at), '\n')),
                  "a carriage return stands here", "end lines in LF alone, as editors on Linux do");
  if (!text::is_utf8(text)) return refuse(Errc::not_utf8, 0, "this is not UTF-8", "save it as UTF-8");
  const auto document = text::parse_toml(text, text::TomlSections::dotted);
  if (!document) return refuse(Errc::syntax, document.error().line, document.error().what, "mend this line");
  return Reader(file).read(*document);
}

std::string write_configuration(const Configuration& configuration) {
  std::string out =
      "# Mailpod's configuration: every setting there is, with what it is by default. Whatever is left out is as "
      "here;\n"
      "# only what [pod] says of domain and charter must be said. Sizes in octets, times in the unit of their names.\n"
      "# `mailpod reload` makes changes count, for what begins then, but for those that say otherwise.\n"
      "# What the community agreed on (who may join, quotas, privacy) is not here but in the charter.\n";
  std::string_view section;
  for (const auto& setting : settings()) {
    if (setting.section != section) {
      section = setting.section;
      out += "\n";
      if (!section_comment(section).empty()) out += commented(section_comment(section));
      out += fmt::format("[{}]\n", section);
    }
    out += commented(comment_on(setting)) + fmt::format("{} = {}\n", setting.name, literal(setting.get(configuration)));
  }
  return out;
}

governance::Verdict<Configuration> read_configuration(base::Disk& disk, const std::string& folder) {
  const std::string path = base::join(folder, "mailpod.toml");
  const auto status = disk.status(path);
  if (!status)
    return Complaint{Errc::missing_key, path, 0, "there is no such file",
                     "name the pod's folder with --pod, or make a pod with `mailpod init`"};
  if (status->kind != base::Disk::Kind::file || status->size > largest_configuration)
    return Complaint{Errc::too_large, path, 0, "this is no configuration", "it must be a file of at most 256 KiB"};
  return parse_configuration(base::read_file(disk, path, largest_configuration), path);
}

}  // namespace mailpod::daemon
