#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <mailpod/message/scanner.hpp>
#include <mailpod/text/ascii.hpp>

#include "tree_text.hpp"

/// Messages that others collected, with the trees that others read in them.
namespace mailpod::message {
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

std::vector<fs::path> files(const std::string& folder, const std::string& extension) {
  std::vector<fs::path> found;
  if (!fs::exists(vectors() / folder)) return found;
  for (const auto& entry : fs::directory_iterator(vectors() / folder)) {
    if (entry.path().extension() == extension) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

std::string without_cr(std::string text) {
  std::erase(text, '\r');
  return text;
}

// mime4j: one XML file a message.

/// What the XML says, as text: `multipart{"body", message{…}}`. A small reader for exactly these files.
class ExpectedTree {
public:
  explicit ExpectedTree(std::string xml) : xml_(std::move(xml)) {}

  std::string read() {
    skip_tag("message");
    return entity("message");
  }

private:
  /// From behind `<name>` to behind `</name>`.
  std::string entity(const std::string& name) {
    std::string out;
    while (!at("</" + name + ">")) {
      if (at("<header>")) {
        element("header");
      } else if (at("<body>")) {
        out = '"' + element("body") + '"';
      } else if (at("<multipart>")) {
        out = multipart();
      } else if (at("<message>")) {
        skip_tag("message");
        out = "message{" + entity("message") + "}";
      } else if (at_++ >= xml_.size()) {
        return "unreadable";
      }
    }
    at_ += name.size() + 3;
    return out;
  }

  std::string multipart() {
    skip_tag("multipart");
    std::string out = "multipart{";
    while (!at("</multipart>")) {
      if (at("<preamble>")) {
        element("preamble");
      } else if (at("<epilogue>")) {
        element("epilogue");
      } else if (at("<body-part>")) {
        skip_tag("body-part");
        out += entity("body-part") + ",";
      } else if (at_++ >= xml_.size()) {
        return "unreadable";
      }
    }
    at_ += sizeof "</multipart>" - 1;
    return out + "}";
  }

  /// The text of an element without children (or of a header, where it does not matter).
  std::string element(const std::string& name) {
    skip_tag(name);
    const auto end = xml_.find("</" + name + ">", at_);
    std::string text = unescaped(xml_.substr(at_, end - at_));
    at_ = end + name.size() + 3;
    return text;
  }

  bool at(const std::string& tag) const { return xml_.compare(at_, tag.size(), tag) == 0; }
  void skip_tag(const std::string& name) {
    at_ = xml_.find('<' + name + '>', at_) + name.size() + 2;
    if (at_ < xml_.size() && xml_[at_] == '\r') ++at_;
    if (at_ < xml_.size() && xml_[at_] == '\n') ++at_;
  }
  static std::string unescaped(std::string text) {
    for (const auto& [from, to] : {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&amp;", "&"}}) {
      for (std::size_t found = 0; (found = text.find(from, found)) != std::string::npos; ++found) {
        text.replace(found, std::string_view(from).size(), to);
      }
    }
    return text;
  }

  std::string xml_;
  std::size_t at_ = 0;
};

std::string our_tree(std::string_view message, const Part& part) {
  if (part.holds_message()) return "message{" + our_tree(message, part.children.front()) + "}";
  if (!part.is_multipart()) return '"' + without_cr(std::string(slice(message, part.body))) + '"';
  std::string out = "multipart{";
  for (const Part& child : part.children) out += our_tree(message, child) + ",";
  return out + "}";
}

/// Where we read another tree, and why.
const std::map<std::string, std::string> differs_from_mime4j = {
    {"bad-newlines-multiple-parts-base64", "an encoded message/rfc822 is not looked into"},
    {"base64encoded-rfc822message", "an encoded message/rfc822 is not looked into"},
    {"base64encoded-rfc822message-nested", "an encoded message/rfc822 is not looked into"},
    {"malformedHeaderStartsBody-nocrlfcrlf", "mime4j's other setting; a malformed line does not end the header"},
    {"malformedHeaderStartsBody-noheader", "mime4j's other setting; a malformed line does not end the header"},
    {"missing-boundary", "a multipart without parts has its body as part, for BODYSTRUCTURE needs one"},
    {"missing-inner-boundary", "a multipart without parts has its body as part"},
    {"missing-inner-start-boundary", "a multipart without parts has its body as part"},
    {"multipartnopart", "a multipart without parts has its body as part"},
};

TEST(Vectors, OfMime4jHaveTheTreesThatMime4jReads) {
  const auto messages = files("mime4j", ".msg");
  if (messages.empty()) GTEST_SKIP() << "no test vectors in " << vectors();
  std::size_t equal = 0;
  for (const fs::path& path : messages) {
    const std::string message = octets_of(path);
    const Structure structure = scan(message);
    EXPECT_EQ(broken_promise(structure.root), "") << path;
    const std::string expected = without_cr(ExpectedTree(octets_of(fs::path(path).replace_extension(".xml"))).read());
    const std::string ours = our_tree(message, structure.root);
    if (differs_from_mime4j.contains(path.stem())) {
      EXPECT_NE(ours, expected) << path << " does not differ any more";
    } else {
      EXPECT_EQ(ours, expected) << path;
      ++equal;
    }
  }
  EXPECT_EQ(equal + differs_from_mime4j.size(), messages.size());
}

// stalwart mail-parser: one JSON file a message.

using Json = nlohmann::json;

/// Bodies of leaves, in order: `begin-end`; messages within messages included.
void expected_leaves(const Json& message, std::vector<std::string>& leaves) {
  for (const Json& part : message.at("parts")) {
    const Json& body = part.at("body");
    const std::string kind = body.is_object() ? body.begin().key() : body.get<std::string>();
    if (kind == "Multipart") continue;
    if (kind == "Message") {
      expected_leaves(body.at("Message"), leaves);
    } else {
      leaves.push_back(std::to_string(part.at("offset_body").get<std::size_t>()) + '-' +
                       std::to_string(part.at("offset_end").get<std::size_t>()));
    }
  }
}

void our_leaves(const Part& part, std::vector<std::string>& leaves) {
  if (part.children.empty()) leaves.push_back(std::to_string(part.body.begin) + '-' + std::to_string(part.body.end));
  for (const Part& child : part.children) our_leaves(child, leaves);
}

/// A field of the message's own header as mail-parser reads it; null if it has none.
Json expected_field(const Json& message, std::string_view name) {
  for (const Json& header : message.at("parts").at(0).at("headers")) {
    if (header.at("name") == name) return header.at("value");
  }
  return nullptr;
}

std::string expected_subject(const Json& message) {
  const Json value = expected_field(message, "subject");
  return value.is_object() && value.contains("Text") ? value.at("Text").get<std::string>() : "";
}

std::string expected_from(const Json& message) {
  const Json value = expected_field(message, "from");
  if (!value.is_object() || !value.at("Address").contains("List")) return "";
  const Json address = value.at("Address").at("List").at(0).at("address");
  return address.is_string() ? address.get<std::string>() : "";
}

std::string our_from(const Structure& structure) {
  if (structure.envelope.from.empty()) return "";
  const EnvelopeAddress& from = structure.envelope.from.front();
  return from.host->empty() ? *from.mailbox : *from.mailbox + '@' + *from.host;
}

/// Where we find other leaves, and why.
const std::map<std::string, std::string> differs_from_mail_parser = {
    {"thirdparty/005", "a boundary stands only at the begin of a line (RFC 2046 §5.1.1)"},
    {"thirdparty/015", "attached messages whose header meets a boundary are messages nevertheless"},
    {"malformed/000", "a part may be empty, and may have only a header"},
    {"malformed/001", "of two boundaries that begin a line the longer is meant"},
    {"malformed/007", "a header that meets a boundary ends there; --ab begins with the outer boundary a"},
    {"malformed/009", "an outer boundary ends an inner multipart (RFC 2046 §5.1.2)"},
    {"malformed/011", "an outer boundary ends an inner multipart"},
    {"malformed/012", "an outer boundary ends an inner multipart"},
    {"malformed/013", "a boundary at the very end begins an empty part"},
    {"malformed/014", "a boundary at the very end begins an empty part"},
    {"malformed/016", "an outer boundary ends the inner ones, whose boundaries mean nothing afterwards"},
    {"malformed/020", "the first of two Content-Type fields counts"},
    {"malformed/021", "the first of two Content-Type fields counts"},
    {"malformed/022", "a message/rfc822 is one even if its header is none"},
};

void compare_with_mail_parser(const std::string& folder) {
  const auto messages = files(folder, ".eml");
  if (messages.empty()) GTEST_SKIP() << "no test vectors in " << vectors();
  for (const fs::path& path : messages) {
    const Json expected = Json::parse(octets_of(fs::path(path).replace_extension(".json")));
    std::string message = octets_of(path);
    EXPECT_EQ(broken_promise(scan(message).root), "") << path;
    // Some offsets were counted before the file's lines were given CRLF.
    if (expected.at("parts").at(0).at("offset_end") != message.size()) message = without_cr(message);
    const Structure structure = scan(message);
    EXPECT_EQ(decode_header_value(structure.envelope.subject.value_or("")), expected_subject(expected)) << path;
    EXPECT_EQ(our_from(structure), expected_from(expected)) << path;
    std::vector<std::string> theirs;
    std::vector<std::string> ours;
    expected_leaves(expected, theirs);
    our_leaves(structure.root, ours);
    if (differs_from_mail_parser.contains(folder + '/' + path.stem().string())) {
      EXPECT_NE(ours, theirs) << path << " does not differ any more";
    } else {
      EXPECT_EQ(ours, theirs) << path << ' ' << tree_text(structure.root);
    }
  }
}

TEST(Vectors, OfMailParserHaveTheLeavesThatMailParserReads) {
  compare_with_mail_parser("thirdparty");
}
TEST(Vectors, ThatAreMalformedHaveTheLeavesThatMailParserReads) {
  compare_with_mail_parser("malformed");
}

}  // namespace
}  // namespace mailpod::message
