#include "tree_builder.hpp"

#include <algorithm>
#include <utility>

#include <mailpod/text/ascii.hpp>

namespace mailpod::message {
namespace {

/// What stands for everything that cannot be read as what it claims to be. RFC 2045 §5.2.
void become_plain_text(Part& part) {
  part.type = "text";
  part.subtype = "plain";
  part.parameters.clear();
}

/// The one child of a multipart in which no part begins: all of its body, so that a reader misses nothing.
Part whole_body_of(const Part& multipart) {
  Part child;
  child.header = {multipart.body.begin, multipart.body.begin};
  child.body = multipart.body;
  child.lines = multipart.lines;
  return child;
}

bool is_identity(std::string_view transfer_encoding) {
  return transfer_encoding != "base64" && transfer_encoding != "quoted-printable";
}

}  // namespace

TreeBuilder::TreeBuilder(const Scanner::Settings& settings)
    : settings_(settings),
      header_line_limit_(std::max(settings.field_octets, settings.boundary_octets) + 256),
      body_line_limit_(settings.boundary_octets + 4),
      kept_(settings.kept_octets) {
  open(0);
}

void TreeBuilder::open(std::uint64_t begin) {
  Entity entity;
  entity.is_message = stack_.empty() || stack_.back().header.part.envelope;
  entity.in_digest = !entity.is_message && stack_.back().header.part.subtype == "digest";
  entity.header.part.header.begin = begin;
  if (stack_.empty() || !std::exchange(stack_.back().has_reserved, false)) ++parts_;
  stack_.push_back(std::move(entity));
  in_header_ = true;
  reader_.restart();
}

void TreeBuilder::take(const Line& line) {
  // The line end before a boundary belongs to the boundary. RFC 2046 §5.1.1.
  const End before{line.begin - eol_, lines_ - (eol_ > 0 ? 1 : 0)};
  eol_ = line.eol;
  if (line.eol > 0) ++lines_;
  const auto matched = line.kept.starts_with("--") ? match(line.kept) : std::nullopt;
  if (matched) {
    take_boundary(*matched, line, before);
  } else if (in_header_) {
    take_header_line(line);
  }
}

void TreeBuilder::take_header_line(const Line& line) {
  if (line.is_empty()) {
    take_field();
    eol_ = 0;  // the blank line stays with its header, also before a boundary
    return end_header(line.end);
  }
  const bool own = stack_.size() == 1;
  if (own && line.kept.find('\0') != std::string_view::npos) facts_.has_nul = true;
  switch (HeaderReader::kind_of(line)) {
    case HeaderReader::Kind::field:
      take_field();
      return reader_.begin_field(line);
    case HeaderReader::Kind::continuation:
      if (reader_.continue_field(line)) return;
      break;
    case HeaderReader::Kind::malformed:
      take_field();
      break;
  }
  reader_.drop();
  if (own) ++facts_.malformed_lines;
}

void TreeBuilder::take_field() {
  const ReadField* const field = reader_.field();
  if (field == nullptr) return;
  Entity& entity = stack_.back();
  if (stack_.size() == 1) enter(facts_, *field, settings_);
  if (field->known == KnownField::none) return;
  fields_.take_content_field(entity.header, field->known, field->value);
  if (entity.is_message) fields_.take_message_field(entity.header, field->known, field->value);
}

void TreeBuilder::end_header(std::uint64_t end) {
  Entity& entity = stack_.back();
  entity.header.part.header.end = end;
  entity.header.part.body = {end, end};
  entity.first_line = lines_;
  in_header_ = false;
  if (entity.is_message) {
    Envelope& envelope = stack_.size() == 1 ? structure_.envelope : *stack_[stack_.size() - 2].header.part.envelope;
    envelope = std::move(entity.header.envelope);
  }
  if (stack_.size() == 1) {
    structure_.sent = entity.header.sent;
    structure_.references = std::move(entity.header.references);
  }
  begin_body();
}

void TreeBuilder::begin_body() {
  Entity& entity = stack_.back();
  Part& part = entity.header.part;
  if (entity.in_digest && !entity.header.has_content_type) {
    part.type = "message";
    part.subtype = "rfc822";
  }
  const bool is_multipart = part.type == "multipart";
  const bool is_message = part.type == "message" && (part.subtype == "rfc822" || part.subtype == "global");
  if (is_multipart && !begin_multipart(entity)) become_plain_text(part);
  if (is_message && !begin_message(entity)) become_plain_text(part);
}

bool TreeBuilder::begin_multipart(Entity& entity) {
  const Parameter* const boundary = find_parameter(entity.header.part.parameters, "boundary");
  if (boundary == nullptr || boundary->value.empty() || boundary->value.size() > settings_.boundary_octets)
    return false;
  if (!has_room()) return false;
  entity.boundary = "--" + boundary->value;
  entity.has_reserved = true;
  ++parts_;
  return true;
}

bool TreeBuilder::begin_message(Entity& entity) {
  if (!has_room()) return false;
  Part& part = entity.header.part;
  const std::uint64_t begin = part.body.begin;
  const bool readable = is_identity(part.transfer_encoding);
  part.envelope.emplace();
  open(begin);
  if (!readable) {  // RFC 6532 §3.5 allows an encoded message/global: its octets are no header until they are decoded
    Part& inside = stack_.back().header.part;
    inside.header.end = begin;
    inside.body = {begin, begin};
    stack_.back().first_line = lines_;
    in_header_ = false;
  }
  return true;
}

std::optional<TreeBuilder::Match> TreeBuilder::match(std::string_view line) const {
  // RFC 2046 §5.1.1: it suffices that the line begins with the boundary. Where boundaries begin alike, as `b` and `b-1`
  // of a nested multipart do, the longest is meant; of equal ones the innermost.
  std::optional<std::size_t> best;
  std::size_t length = 0;
  for (std::size_t i = stack_.size(); i-- > 0;) {
    const std::string& boundary = stack_[i].boundary;
    if (boundary.size() <= length || boundary.size() > line.size()) continue;
    // Its last octet first: a hundred boundaries may begin alike.
    if (line[boundary.size() - 1] != boundary.back() || !line.starts_with(boundary)) continue;
    best = i;
    length = boundary.size();
  }
  if (!best || stack_[*best].closed) return std::nullopt;
  const bool closes = line.substr(length).starts_with("--");
  const bool has_room = stack_[*best].has_reserved || parts_ < settings_.parts;
  if (!closes && !has_room) return std::nullopt;  // the last part takes the rest
  return Match{*best, closes};
}

void TreeBuilder::take_boundary(const Match& match, const Line& line, End before) {
  if (in_header_) {
    // A header that meets a boundary keeps its last line end and has an empty body, as what it opens has.
    before = {line.begin, lines_ - (line.eol > 0 ? 1 : 0)};
    take_field();
    while (in_header_) end_header(line.begin);
  }
  while (stack_.size() > match.entity + 1) close(before);
  in_header_ = false;
  if (match.closes) {
    stack_.back().closed = true;
  } else {
    open(line.end);
  }
}

void TreeBuilder::close(const End& end) {
  Entity entity = std::move(stack_.back());
  stack_.pop_back();
  Part& part = entity.header.part;
  part.body.end = std::max(part.body.begin, end.offset);
  part.lines = std::max(entity.first_line, end.lines) - entity.first_line;
  if (part.is_multipart() && part.children.empty()) part.children.push_back(whole_body_of(part));
  if (stack_.empty()) {
    structure_.root = std::move(part);
  } else {
    stack_.back().header.part.children.push_back(std::move(part));
  }
}

Structure TreeBuilder::finish(std::uint64_t size) {
  take_field();
  while (in_header_) end_header(size);
  while (!stack_.empty()) close({size, lines_});
  structure_.size = size;
  return std::move(structure_);
}

}  // namespace mailpod::message
