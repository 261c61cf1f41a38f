#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <mailpod/message/decoded_text.hpp>
#include <mailpod/message/header_edit.hpp>
#include <mailpod/message/scanner.hpp>

/// The first octet says how the message is cut; the rest is the message. Any broken promise aborts.
namespace {

using namespace mailpod::message;

void insist(bool promise) {
  if (!promise) std::abort();
}

void insist_on(const Part& part, std::size_t& parts) {
  ++parts;
  insist(part.header.begin <= part.header.end && part.header.end == part.body.begin);
  insist(part.body.begin <= part.body.end && part.lines <= part.body.size());
  const bool is_message = part.type == "message" && (part.subtype == "rfc822" || part.subtype == "global");
  insist(is_message == part.holds_message());
  insist(is_message ? part.children.size() == 1 : part.is_multipart() != part.children.empty());
  std::uint64_t from = part.body.begin;
  for (const Part& child : part.children) {
    insist(child.header.begin >= from && child.body.end <= part.body.end);
    from = child.body.end;
    insist_on(child, parts);
  }
}

Structure scan_in_chunks(std::string_view message, std::size_t chunk, const Scanner::Settings& settings) {
  Scanner scanner(settings);
  for (std::size_t at = 0; at < message.size(); at += chunk) scanner.feed(message.substr(at, chunk));
  return scanner.finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view message(reinterpret_cast<const char*>(data) + 1, size - 1);
  Scanner::Settings settings;
  if (data[0] % 2 == 1) {  // limits that a short input reaches
    settings.depth = 4;
    settings.parts = 8;
    settings.header_octets = 128;
    settings.field_octets = 48;
    settings.kept_octets = 1024;
    settings.boundary_octets = 8;
    settings.references = 3;
  }
  const Structure structure = scan(message, settings);
  insist(structure == scan_in_chunks(message, 1U + data[0] / 2U, settings));
  insist(structure.size == message.size() && structure.root.body.end == message.size());
  std::size_t parts = 0;
  insist_on(structure.root, parts);
  insist(parts <= settings.parts);

  const auto again = decode(encode(structure));
  insist(again && *again == structure);
  if (const auto damaged = decode(message)) {
    parts = 0;
    insist_on(damaged->root, parts);
  }

  for_each_text(structure.root, [&](const Part& part) {
    DecodedText text = decoded_text_for(part);
    text.feed(message.substr(part.body.begin, part.body.size()));
    text.finish();
  });

  const auto header = message.substr(0, structure.root.header.end);
  const bool begins_well = !header.starts_with(' ') && !header.starts_with('\t');
  if (begins_well && header_length(header) == header.size()) insist(HeaderEdit{}.apply(header).value() == header);
  HeaderEdit edit;
  edit.remove = {"Bcc"};
  edit.prepend = "X-First: 1\r\n";
  Scanner scanner;
  scanner.feed(edit.apply(header).value());
  scanner.finish();
  insist(scanner.facts().bcc == 0);
  insist(scanner.facts().fields.at(0).value.size() == 4);
  return 0;
}
