#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace mailpod::mailauth {

/// A small reader for exactly those YAML files that the public vectors of SPF and ARC are: mappings and sequences by
/// indentation, scalars plain, quoted, folded and literal, sequences in brackets. Every scalar is a text.
class YamlText {
public:
  using Value = nlohmann::ordered_json;

  explicit YamlText(std::string_view text) {
    while (!text.empty()) {
      const auto end = text.find('\n');
      lines_.emplace_back(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
  }

  std::vector<Value> documents() {
    std::vector<Value> all;
    while (skip_blank()) {
      if (lines_[at_].starts_with("---")) {
        ++at_;
        continue;
      }
      all.push_back(block(indent_of(lines_[at_])));
    }
    return all;
  }

private:
  static std::size_t indent_of(const std::string& line) { return line.find_first_not_of(' '); }
  static bool is_blank(const std::string& line) { return line.find_first_not_of(" \r") == std::string::npos; }
  static std::string trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return std::string(text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1));
  }

  /// To a line that says something; false at the end.
  bool skip_blank() {
    while (at_ < lines_.size() && (is_blank(lines_[at_]) || lines_[at_][indent_of(lines_[at_])] == '#')) ++at_;
    return at_ < lines_.size();
  }
  bool is_here(std::size_t indent) {
    return skip_blank() && !lines_[at_].starts_with("---") && indent_of(lines_[at_]) == indent;
  }

  Value block(std::size_t indent) {
    return lines_[at_].substr(indent).starts_with("-") ? sequence(indent) : mapping(indent);
  }

  Value sequence(std::size_t indent) {
    Value all = Value::array();
    while (is_here(indent) && lines_[at_][indent] == '-') {
      lines_[at_][indent] = ' ';
      const auto inner = indent_of(lines_[at_]);
      all.push_back(colon_in(lines_[at_]) != std::string::npos ? mapping(inner) : scalar(lines_[at_++], indent));
    }
    return all;
  }

  /// The colon behind a key; npos if the line is none.
  static std::size_t colon_in(const std::string& line) {
    const auto begin = indent_of(line);
    if (line[begin] == '[') return std::string::npos;
    const auto key = line[begin] == '"' ? line.find('"', begin + 1) : begin;
    const auto colon = line.find(": ", key);
    if (colon != std::string::npos) return colon;
    return line.ends_with(':') ? line.size() - 1 : std::string::npos;
  }

  Value mapping(std::size_t indent) {
    Value all = Value::object();
    while (is_here(indent)) {
      const std::string line = lines_[at_++];
      const auto colon = colon_in(line);
      if (colon == std::string::npos) throw std::runtime_error("no key in: " + line);
      all[flow_scalar(line.substr(indent, colon - indent))] = value(trimmed(line.substr(colon + 1)), indent);
    }
    return all;
  }

  Value value(const std::string& text, std::size_t indent) {
    if (text.starts_with('|') || text.starts_with('>')) return block_scalar(text, indent);
    if (!text.empty()) return scalar(text, indent);
    if (skip_blank() && indent_of(lines_[at_]) > indent) return block(indent_of(lines_[at_]));
    return "";
  }

  std::string block_scalar(const std::string& style, std::size_t indent) {
    std::string out;
    std::size_t inner = 0;
    for (; at_ < lines_.size() && (is_blank(lines_[at_]) || indent_of(lines_[at_]) > indent); ++at_) {
      if (inner == 0 && !is_blank(lines_[at_])) inner = indent_of(lines_[at_]);
      out += lines_[at_].size() > inner ? lines_[at_].substr(inner) : "";
      out += style[0] == '|' ? '\n' : ' ';
    }
    const bool keeps_line_end = style == "|";
    while (!out.empty() && (out.back() == ' ' || out.back() == '\n')) out.pop_back();
    return keeps_line_end ? out + '\n' : out;
  }

  /// With the lines that continue it.
  Value scalar(std::string text, std::size_t indent) {
    while (at_ < lines_.size() && !is_blank(lines_[at_]) && indent_of(lines_[at_]) > indent &&
           !lines_[at_].starts_with("---")) {
      text += ' ' + trimmed(lines_[at_++]);
    }
    text = trimmed(text);
    return text.starts_with('[') ? flow_sequence(text) : Value(flow_scalar(text));
  }

  static Value flow_sequence(std::string_view text) {
    Value all = Value::array();
    text = text.substr(1, text.rfind(']') - 1);
    std::string item;
    char quote = 0;
    for (const char octet : text) {
      if (quote == 0 && octet == ',') {
        all.push_back(flow_scalar(trimmed(item)));
        item.clear();
        continue;
      }
      if (quote == 0 && (octet == '"' || octet == '\'')) {
        quote = octet;
      } else if (octet == quote) {
        quote = 0;
      }
      item += octet;
    }
    if (!trimmed(item).empty()) all.push_back(flow_scalar(trimmed(item)));
    return all;
  }

  static std::string flow_scalar(const std::string& text) {
    if (text.starts_with('\'')) {
      std::string out = text.substr(1, text.rfind('\'') - 1);
      for (auto twice = out.find("''"); twice != std::string::npos; twice = out.find("''", twice + 1))
        out.erase(twice, 1);
      return out;
    }
    return text.starts_with('"') ? unescaped(text.substr(1, text.rfind('"') - 1)) : text;
  }

  static std::string unescaped(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\') {
        out += text[i];
      } else if (text[++i] == 'x') {
        out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
        i += 2;
      } else {
        out += text[i] == '0' ? '\0' : text[i] == 'n' ? '\n' : text[i];
      }
    }
    return out;
  }

  std::vector<std::string> lines_;
  std::size_t at_ = 0;
};

}  // namespace mailpod::mailauth
