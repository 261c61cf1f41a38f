#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include <mailpod/message/decoded_text.hpp>
#include <mailpod/message/scanner.hpp>

#include "imap_exchange.hpp"

/// Messages that others collected, stored and fetched section by section: FETCH gives the octets that the message has
/// there, and BINARY what others decoded.
namespace mailpod::conversations {
namespace {

namespace fs = std::filesystem;

fs::path vectors() {
  const char* const named = std::getenv("MAILPOD_VECTORS");
  return (named != nullptr ? fs::path(named) : fs::path(MAILPOD_SOURCE_DIR) / "../shared/vectors") / "mime";
}

std::string octets_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> messages() {
  std::vector<fs::path> found;
  if (!fs::exists(vectors())) return found;
  for (const auto& entry : fs::recursive_directory_iterator(vectors())) {
    if (entry.path().extension() == ".eml" || entry.path().extension() == ".msg") found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

/// A mailbox with one message.
class Stored {
public:
  explicit Stored(const std::string& mail) : exchange_(0) {
    exchange_.given("selected INBOX");
    exchange_.connect(1);
    exchange_.send(1, "a APPEND INBOX {" + std::to_string(mail.size()) + "+}\r\n" + mail + "\r\n");
    accepted_ = exchange_.receive(1).find("a OK") != std::string::npos;
  }

  bool accepted() const { return accepted_; }

  std::string answer(const std::string& item) {
    exchange_.send(1, "b FETCH 1 " + item + "\r\n");
    return exchange_.receive(1);
  }

  /// The literal that an item is answered with; nothing if it is none.
  std::optional<std::string> fetched(const std::string& item, const std::string& label) {
    const auto said = answer(item);
    const auto begin = said.find(label + " {");
    const auto binary = said.find(label + " ~{");
    const auto at = std::min(begin, binary);
    if (at == std::string::npos) return std::nullopt;
    const auto size = said.find('{', at + label.size()) + 1;
    const auto end = said.find("}\r\n", size);
    return said.substr(end + 3, std::stoul(said.substr(size, end - size)));
  }

private:
  ImapExchange exchange_;
  bool accepted_ = false;
};

std::string written(const std::vector<std::uint32_t>& section) {
  std::string text;
  for (const auto number : section) text += (text.empty() ? "" : ".") + std::to_string(number);
  return text;
}

class Sections {
public:
  Sections(Stored& stored, const std::string& mail, const message::Structure& structure)
      : stored_(stored), mail_(mail), structure_(structure) {}

  void check_all() {
    check({}, message::SectionText::content, "");
    check({}, message::SectionText::header, "HEADER");
    check({}, message::SectionText::text, "TEXT");
    check_below(structure_.root, {});
  }

  std::size_t checked() const { return checked_; }

private:
  void check(const std::vector<std::uint32_t>& part, message::SectionText what, const std::string& word) {
    const auto range = message::range_for(structure_, part, what);
    const auto name = "[" + written(part) + (part.empty() || word.empty() ? "" : ".") + word + "]";
    const auto got = stored_.fetched("BODY.PEEK" + name, "BODY" + name);
    ASSERT_EQ(got.has_value(), range.has_value()) << name;
    if (range) EXPECT_EQ(*got, mail_.substr(range->begin, range->size())) << name;
    ++checked_;
  }

  void check_part(const message::Part& part, const std::vector<std::uint32_t>& numbers) {
    check(numbers, message::SectionText::content, "");
    check(numbers, message::SectionText::mime, "MIME");
    check(numbers, message::SectionText::header, "HEADER");
    check(numbers, message::SectionText::text, "TEXT");
    const auto name = "[" + written(numbers) + "]";
    const auto encoding = part.is_multipart() ? "8bit" : part.transfer_encoding;
    if (!message::DecodedOctets::knows(encoding)) {
      EXPECT_NE(stored_.answer("BINARY.PEEK" + name).find("b NO [UNKNOWN-CTE]"), std::string::npos) << name;
      return;
    }
    message::DecodedOctets decoder(encoding);
    auto decoded = decoder.feed(mail_.substr(part.body.begin, part.body.size()));
    decoded += decoder.finish();
    EXPECT_EQ(stored_.fetched("BINARY.PEEK" + name, "BINARY" + name), decoded) << name;
    EXPECT_NE(stored_.answer("BINARY.SIZE" + name).find(" " + std::to_string(decoded.size()) + ")"), std::string::npos);
  }

  /// What is below the root entity of a message, which has these numbers.
  void check_below(const message::Part& root, const std::vector<std::uint32_t>& numbers) {
    if (!root.is_multipart()) {
      auto only = numbers;
      only.push_back(1);
      check_part(root, only);
      if (root.holds_message()) check_below(root.children.front(), only);
      return;
    }
    std::uint32_t number = 0;
    for (const auto& child : root.children) {
      auto its = numbers;
      its.push_back(++number);
      check_part(child, its);
      if (child.is_multipart()) check_below(child, its);
      if (child.holds_message()) check_below(child.children.front(), its);
    }
  }

  Stored& stored_;
  const std::string& mail_;
  const message::Structure& structure_;
  std::size_t checked_ = 0;
};

TEST(Vectors, EverySectionOfEveryMessageIsWhatTheMessageHasThere) {
  const auto all = messages();
  if (all.empty()) GTEST_SKIP() << "no vectors at " << vectors() << "; MAILPOD_VECTORS names another place";
  std::size_t sections = 0;
  for (const auto& file : all) {
    SCOPED_TRACE(file.filename());
    const auto mail = octets_of(file);
    if (mail.empty() || mail.find('\0') != std::string::npos) continue;
    Stored stored(mail);
    ASSERT_TRUE(stored.accepted());
    const auto structure = message::scan(mail);
    Sections checking(stored, mail, structure);
    checking.check_all();
    sections += checking.checked();
    EXPECT_NE(stored.answer("(ENVELOPE BODY BODYSTRUCTURE PREVIEW)").find("b OK"), std::string::npos);
  }
  EXPECT_GT(sections, 500U);
}

/// The part that mime4j calls `1_2_1`, in IMAP's numbers: there a message within a part is a step of its own.
std::vector<std::uint32_t> section_for(const message::Structure& structure, const std::vector<std::uint32_t>& steps) {
  std::vector<std::uint32_t> section;
  const auto* part = &structure.root;
  for (const auto step : steps) {
    const auto number = part->is_multipart() ? step : 1;
    if (number > part->children.size()) return {};
    if (part->is_multipart()) section.push_back(number);
    part = &part->children[number - 1];
  }
  if (!part->is_multipart() && (section.empty() || message::part_for(structure, section) != part)) section.push_back(1);
  return section;
}

/// Where the two read another tree, by src/message/README.md: a line without a colon does not end a header; a message
/// under base64 is not looked into; a multipart in which no part begins has one.
bool reads_otherwise(const std::string& name) {
  return name.starts_with("malformedHeaderStartsBody-") || name.starts_with("base64encoded-rfc822message_") ||
         name.starts_with("missing-inner-boundary_");
}

std::string without_cr(std::string text) {
  std::erase(text, '\r');
  return text;
}

TEST(Vectors, BinaryIsWhatMime4jDecoded) {
  const auto folder = vectors() / "mime4j";
  if (!fs::exists(folder)) GTEST_SKIP() << "no vectors at " << folder << "; MAILPOD_VECTORS names another place";
  std::size_t compared = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().stem().string();
    const auto mark = name.find("_decoded_1");
    const auto extension = entry.path().extension();
    if (mark == std::string::npos || (extension != ".txt" && extension != ".bin")) continue;
    if (reads_otherwise(name)) continue;
    SCOPED_TRACE(name);
    const auto mail = octets_of(folder / (name.substr(0, mark) + ".msg"));
    if (mail.empty() || mail.find('\0') != std::string::npos) continue;
    std::vector<std::uint32_t> steps;
    for (auto at = name.find('_', mark + 9); at != std::string::npos; at = name.find('_', at + 1)) {
      steps.push_back(static_cast<std::uint32_t>(std::stoul(name.substr(at + 1))));
    }
    const auto section = section_for(message::scan(mail), steps);
    ASSERT_FALSE(section.empty());
    Stored stored(mail);
    const auto got = stored.fetched("BINARY.PEEK[" + written(section) + "]", "BINARY[" + written(section) + "]");
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(without_cr(*got), without_cr(octets_of(entry.path())));
    ++compared;
  }
  EXPECT_GT(compared, 20U);
}

}  // namespace
}  // namespace mailpod::conversations
