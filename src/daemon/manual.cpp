#include "manual.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "charter_format.hpp"
#include "settings_table.hpp"

namespace mailpod::daemon {
namespace {

struct Page {
  std::string_view name;
  std::string (*write)(const CommandTree& tree);
};

constexpr std::array pages{
    Page{"mailpod.1", write_command_manual},
    Page{"mailpod.toml.5", [](const CommandTree&) { return write_settings_manual(); }},
    Page{"mailpod-charter.5", [](const CommandTree&) { return write_charter_manual(charter_format); }},
    Page{"mailpod.bash", write_bash_completion},
    Page{"_mailpod", write_zsh_completion},
    Page{"mailpod.fish", write_fish_completion},
};

std::string title(std::string_view name, int section, std::string_view what) {
  return fmt::format(".TH {} {} \"\" \"Mailpod {}\"\n.SH NAME\n{} \\- {}\n", name, section, MAILPOD_VERSION, name,
                     roff(what));
}

void write_options(std::string& out, const CommandTree& tree) {
  for (const auto& option : tree.options) {
    std::string term;
    for (const auto& name : option.names) term += (term.empty() ? "" : ", ") + fmt::format("\\fB{}\\fR", roff(name));
    if (option.takes_value && !option.positional()) term += " \\fIVALUE\\fR";
    out += fmt::format(".TP\n{}\n{}.", term, roff(option.help));
    if (!option.fallback.empty()) out += fmt::format(" Default: {}.", roff(option.fallback));
    if (!option.environment.empty()) out += fmt::format(" Also \\fB${}\\fR.", roff(option.environment));
    out += "\n";
  }
}

void write_commands(std::string& out, const CommandTree& tree, const std::string& path) {
  for (const auto& command : tree.commands) {
    const std::string name = path + " " + command.name;
    if (command.commands.empty()) {
      std::string usage = fmt::format("\\fB{}\\fR", roff(name));
      for (const auto& option : command.options) {
        if (!option.positional()) continue;
        const auto word = fmt::format("\\fI{}\\fR{}", roff(option.names.front()), option.repeatable ? "..." : "");
        usage += option.required ? " " + word : " [" + word + "]";
      }
      out += fmt::format(".SS {}\n{}\n.PP\n{}.\n", roff(name), usage, roff(command.help));
      write_options(out, command);
    } else {
      out += fmt::format(".SS {}\n{}.\n", roff(name), roff(command.help));
      write_commands(out, command, name);
    }
  }
}

}  // namespace

std::string roff(std::string_view text) {
  std::string out;
  bool line_begins = true;
  for (const char octet : text) {
    if (line_begins && (octet == '.' || octet == '\'')) out += "\\&";
    line_begins = octet == '\n';
    if (octet == '\\') {
      out += "\\e";
    } else if (octet == '-') {
      out += "\\-";
    } else {
      out += octet;
    }
  }
  return out;
}

std::vector<std::string_view> manual_pages() {
  std::vector<std::string_view> names;
  for (const auto& page : pages) names.push_back(page.name);
  return names;
}

std::optional<std::string> manual_page(std::string_view name, const CommandTree& tree) {
  const auto* const page = std::ranges::find(pages, name, &Page::name);
  if (page == pages.end()) return std::nullopt;
  return page->write(tree);
}

std::string write_command_manual(const CommandTree& tree) {
  std::string out = title(tree.name, 1, tree.help);
  out += ".SH SYNOPSIS\n\\fBmailpod\\fR [\\fIOPTIONS\\fR] \\fICOMMAND\\fR ...\n.SH OPTIONS\n";
  write_options(out, tree);
  out += ".SH COMMANDS\n";
  write_commands(out, tree, tree.name);
  out +=
      ".SH EXIT STATUS\n0: done. 1: refused; standard error says why and what to do. 2: the arguments make no sense.\n"
      ".SH SEE ALSO\n.BR mailpod.toml (5),\n.BR mailpod\\-charter (5)\n";
  return out;
}

std::string write_settings_manual() {
  std::string out = title("mailpod.toml", 5, "what a pod's server does");
  out +=
      ".SH DESCRIPTION\nLies in the pod's folder, and is TOML. Whatever is left out is as here. Sizes are in octets, "
      "times in the unit of their names. \\fBmailpod reload\\fR makes changes count, for what begins then, but for "
      "those "
      "that say otherwise.\n";
  std::string_view section;
  for (const auto& setting : settings()) {
    if (setting.section != section) {
      section = setting.section;
      out += fmt::format(".SH [{}]\n{}\n", section, roff(section_comment(section)));
    }
    out += fmt::format(".TP\n\\fB{}\\fR = {}\n{}\n", setting.name, roff(literal(setting.get(Configuration{}))),
                       roff(comment_on(setting)));
  }
  return out + ".SH SEE ALSO\n.BR mailpod (1)\n";
}

/// Of Markdown just what our own documents use: headings, paragraphs, lists, tables and code.
std::string write_charter_manual(std::string_view markdown) {
  std::string out = title("mailpod-charter", 5, "what a community agreed on, signed");
  bool code = false;
  while (!markdown.empty()) {
    const auto end = std::min(markdown.find('\n'), markdown.size());
    std::string_view line = markdown.substr(0, end);
    markdown.remove_prefix(std::min(end + 1, markdown.size()));
    if (line.starts_with("```")) {
      code = !code;
      out += code ? ".PP\n.nf\n" : ".fi\n.PP\n";
    } else if (code) {
      out += roff(line) + "\n";
    } else if (line.starts_with('#')) {
      const auto level = line.find_first_not_of('#');
      line.remove_prefix(std::min(level + 1, line.size()));
      out += fmt::format("{} {}\n", level <= 2 ? ".SH" : ".SS", roff(line));
    } else if (line.starts_with("|--") || line.starts_with("| --")) {
      continue;
    } else if (line.starts_with('|') || line.starts_with("- ")) {
      out += fmt::format(".br\n{}\n", roff(line));
    } else {
      out += line.empty() ? ".PP\n" : roff(line) + "\n";
    }
  }
  return out + ".SH SEE ALSO\n.BR mailpod (1)\n";
}

}  // namespace mailpod::daemon
