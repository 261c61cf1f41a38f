#include "dialogue.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace mailpod::conversations {

namespace {

std::runtime_error fault(std::string_view name, std::size_t line, std::string_view what) {
  return std::runtime_error(std::string(name) + ":" + std::to_string(line) + ": " + std::string(what));
}

int hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  throw std::invalid_argument("not a hexadecimal digit");
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (++i == text.size()) throw std::invalid_argument("a backslash at the end");
    switch (text[i]) {
      case 'r':
        out += '\r';
        break;
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case '\\':
        out += '\\';
        break;
      case 'x':
        if (i + 2 >= text.size()) throw std::invalid_argument("\\x needs two digits");
        out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
        i += 2;
        break;
      default:
        throw std::invalid_argument("an unknown escape");
    }
  }
  return out;
}

struct Sign {
  std::string_view mark;
  Step::Kind kind;
  bool has_text;
};
constexpr Sign signs[] = {
    {"C:", Step::Kind::send, true},    {"C>", Step::Kind::send_raw, true},         {"C!", Step::Kind::close, false},
    {"S:", Step::Kind::expect, true},  {"S~", Step::Kind::expect_unordered, true}, {"S!", Step::Kind::never, true},
    {"S.", Step::Kind::closed, false}, {"S-", Step::Kind::silent, false},          {"D:", Step::Kind::directive, true},
};

// The mark as the table has it, which is written for a tested server.
std::string mark_for(char who, char what, Tested tested) {
  if (tested == Tested::client) who = who == 'S' ? 'C' : who == 'C' ? 'S' : who;
  return {who, what};
}

// `C12: text` → client 12; nothing if the line is of no known form.
std::optional<Step> parse_step(std::string_view line, Tested tested) {
  if (line.starts_with("given ")) return Step{Step::Kind::given, 1, std::string(line.substr(6)), 0};
  std::size_t at = 1;
  std::size_t client = 0;
  while (at < line.size() && line[at] >= '0' && line[at] <= '9') {
    client = client * 10 + static_cast<std::size_t>(line[at++] - '0');
  }
  if (at >= line.size()) return std::nullopt;
  const std::string mark = mark_for(line[0], line[at], tested);
  const auto* sign = std::ranges::find(signs, mark, &Sign::mark);
  if (sign == std::end(signs)) return std::nullopt;
  std::string_view text = line.substr(at + 1);
  if (text.starts_with(' ')) text.remove_prefix(1);
  if (!sign->has_text && !text.empty()) return std::nullopt;
  return Step{sign->kind, client == 0 ? 1 : client, std::string(text), 0};
}

/// What one client has received and not yet been asked about, and what must never come.
struct Side {
  std::string received;
  std::vector<std::string> never;
};

/// One run of a dialogue.
class Play {
public:
  Play(const Dialogue& dialogue, Exchange& exchange)
      : dialogue_(dialogue),
        exchange_(exchange),
        tested_(dialogue.tested == Tested::server ? "S" : "C"),
        other_(dialogue.tested == Tested::server ? "C" : "S"),
        sides_(dialogue.clients()) {}

  void run() {
    for (const std::string& words : dialogue_.givens()) exchange_.given(words);
    for (std::size_t client = 1; client <= sides_.size(); ++client) exchange_.connect(client);
    const auto& steps = dialogue_.steps;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      line_ = steps[i].line;
      if (steps[i].kind == Step::Kind::expect_unordered) {
        std::size_t end = i;
        while (end < steps.size() && steps[end].kind == steps[i].kind && steps[end].client == steps[i].client) ++end;
        expect_group(std::span(steps).subspan(i, end - i));
        i = end - 1;
      } else {
        take(steps[i]);
      }
    }
    finish();
  }

  std::string report(std::string_view what) const {
    return dialogue_.name + ".txt:" + std::to_string(line_) + ": " + std::string(what) + "\n--- so far\n" + transcript_;
  }

private:
  Side& side(std::size_t client) { return sides_[client - 1]; }

  void take(const Step& step) {
    switch (step.kind) {
      case Step::Kind::given:
        return;
      case Step::Kind::send:
        return send(step.client, expand(step.text, names_) + "\r\n");
      case Step::Kind::send_raw:
        return send(step.client, octets_of(expand(step.text, names_)));
      case Step::Kind::close:
        return exchange_.close(step.client);
      case Step::Kind::expect:
        return expect(step);
      case Step::Kind::never:
        side(step.client).never.push_back(step.text);
        return;
      case Step::Kind::closed:
        return expect_closed(step.client);
      case Step::Kind::silent:
        return expect_silence(step.client);
      case Step::Kind::directive:
        return exchange_.directive(step.client, expand(step.text, names_));
      case Step::Kind::expect_unordered:
        return;
    }
  }

  void send(std::size_t client, const std::string& octets) {
    transcript_ += other_ + std::to_string(client) + ": " + shown(octets) + "\n";
    exchange_.send(client, octets);
  }

  void collect(std::size_t client) {
    const std::string octets = exchange_.receive(client);
    if (!octets.empty()) transcript_ += tested_ + std::to_string(client) + ": " + shown(octets) + "\n";
    side(client).received += octets;
  }

  std::optional<std::string> next_line(std::size_t client) {
    collect(client);
    std::string& received = side(client).received;
    const std::size_t end = received.find("\r\n");
    if (end == std::string::npos) return std::nullopt;
    std::string line = received.substr(0, end);
    received.erase(0, end + 2);
    check_never(client, line);
    return line;
  }

  void check_never(std::size_t client, const std::string& line) {
    for (const std::string& pattern : side(client).never) {
      auto names = names_;
      if (matches(pattern, line, names)) throw std::runtime_error("must not appear: " + line);
    }
  }

  void expect(const Step& step) {
    const auto line = next_line(step.client);
    if (!line) throw std::runtime_error("expected a line, got nothing: " + step.text);
    if (!matches(step.text, *line, names_)) throw std::runtime_error("expected: " + step.text + "\n     got: " + *line);
  }

  void expect_group(std::span<const Step> group) {
    std::vector<const Step*> open;
    for (const Step& step : group) open.push_back(&step);
    while (!open.empty()) {
      const auto line = next_line(group.front().client);
      if (!line) throw std::runtime_error("expected a line, got nothing: " + open.front()->text);
      const auto found =
          std::ranges::find_if(open, [&](const Step* step) { return matches(step->text, *line, names_); });
      if (found == open.end()) throw std::runtime_error("expected one of a group, got: " + *line);
      open.erase(found);
    }
  }

  void expect_silence(std::size_t client) {
    collect(client);
    if (!side(client).received.empty()) throw std::runtime_error("expected silence");
    if (exchange_.closed(client)) throw std::runtime_error("expected silence, but the connection is closed");
  }

  void expect_closed(std::size_t client) {
    collect(client);
    if (!side(client).received.empty()) throw std::runtime_error("expected the end, but more was said");
    if (!exchange_.closed(client)) throw std::runtime_error("expected the connection to be closed");
  }

  // What came and was never asked about is a mistake of the dialogue or of the server.
  void finish() {
    for (std::size_t client = 1; client <= sides_.size(); ++client) {
      while (const auto line = next_line(client)) {
        throw std::runtime_error("at the end also " + tested_ + std::to_string(client) + ": " + *line);
      }
      const std::string& rest = side(client).received;
      if (!rest.empty()) throw std::runtime_error("at the end a line without CRLF: " + shown(rest));
    }
  }

  static std::string shown(const std::string& octets) {
    constexpr std::size_t enough = 400;
    std::string out;
    for (const char octet : octets.substr(0, enough)) {
      if (octet == '\r') {
        out += "\\r";
      } else if (octet == '\n') {
        out += "\\n";
      } else if (octet < 0x20 || octet > 0x7e) {
        out += '?';
      } else {
        out += octet;
      }
    }
    if (octets.size() > enough) out += "… (" + std::to_string(octets.size()) + " octets)";
    return out;
  }

  const Dialogue& dialogue_;
  Exchange& exchange_;
  const std::string tested_;
  const std::string other_;
  std::vector<Side> sides_;
  std::map<std::string, std::string> names_;
  std::string transcript_;
  std::size_t line_ = 0;
};

}  // namespace

std::string octets_of(std::string_view text) {
  const std::size_t star = text.rfind(" *");
  const std::string_view digits = star == std::string_view::npos ? "" : text.substr(star + 2);
  const bool number = !digits.empty() && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (!number) return unescape(text);
  const std::string once = unescape(text.substr(0, star));
  std::string out;
  for (unsigned long i = std::stoul(std::string(digits)); i > 0; --i) out += once;
  return out;
}

std::vector<std::string> Dialogue::givens() const {
  std::vector<std::string> words;
  for (const Step& step : steps) {
    if (step.kind == Step::Kind::given) words.push_back(step.text);
  }
  return words;
}

std::size_t Dialogue::clients() const {
  std::size_t highest = 1;
  for (const Step& step : steps) highest = std::max(highest, step.client);
  return highest;
}

Dialogue parse_dialogue(std::string_view text, std::string_view name, Tested tested) {
  Dialogue dialogue;
  dialogue.name = name;
  dialogue.tested = tested;
  std::istringstream lines{std::string(text)};
  std::string line;
  std::size_t number = 0;
  while (std::getline(lines, line)) {
    ++number;
    if (line.empty()) continue;
    if (line.starts_with('#')) {
      if (dialogue.sentence.empty()) dialogue.sentence = line.substr(line.find_first_not_of("# "));
      continue;
    }
    auto step = parse_step(line, tested);
    if (!step) throw fault(name, number, "not a line of a dialogue: " + line);
    step->line = number;
    dialogue.steps.push_back(std::move(*step));
  }
  if (dialogue.sentence.empty()) throw fault(name, 1, "begin with a comment that says what is shown");
  const auto expects = [](const Step& step) {
    return step.kind != Step::Kind::given && step.kind != Step::Kind::send && step.kind != Step::Kind::send_raw;
  };
  if (std::ranges::none_of(dialogue.steps, expects)) throw fault(name, number, "nothing is expected");
  return dialogue;
}

Dialogue read_dialogue(const std::filesystem::path& file, Tested tested) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return parse_dialogue(text, file.stem().string(), tested);
}

std::vector<std::filesystem::path> dialogues_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::optional<std::string> play(const Dialogue& dialogue, Exchange& exchange) {
  Play run(dialogue, exchange);
  try {
    run.run();
  } catch (const std::exception& trouble) {
    return run.report(trouble.what());
  }
  return std::nullopt;
}

}  // namespace mailpod::conversations
