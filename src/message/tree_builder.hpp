#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "entity_fields.hpp"
#include "facts.hpp"
#include "header_reader.hpp"

namespace mailpod::message {

/// Grows the tree of entities line by line.
///
/// The stack holds the entities that are not complete, each one inside the one below it. A line is matched against the
/// boundaries of all of them, so that a part which never ends is ended by whatever is around it (RFC 2046 §5.1.2).
class TreeBuilder {
public:
  explicit TreeBuilder(const Scanner::Settings& settings);

  /// How many octets of the next line are of interest.
  std::size_t line_limit() const { return in_header_ ? header_line_limit_ : body_line_limit_; }
  void take(const Line& line);
  Structure finish(std::uint64_t size);

  const HeaderFacts& facts() const { return facts_; }

private:
  struct Entity {
    EntityHeader header;
    bool is_message = false;       ///< its header is a message's: the root, or what a message/rfc822 part holds
    bool in_digest = false;        ///< RFC 2046 §5.1.5: message/rfc822 unless it says otherwise
    std::string boundary;          ///< with its leading `--`; empty unless an open or closed multipart
    bool closed = false;           ///< its close-delimiter was seen: what follows is epilogue
    bool has_reserved = false;     ///< one entity is counted already for its first child
    std::uint64_t first_line = 0;  ///< line feeds before its body
  };
  struct Match {
    std::size_t entity;
    bool closes;
  };
  /// Where a body ends, and how many line feeds the message has before that.
  struct End {
    std::uint64_t offset;
    std::uint64_t lines;
  };

  void open(std::uint64_t begin);
  void take_header_line(const Line& line);
  void take_field();
  void end_header(std::uint64_t end);
  /// What the entity on top is, once its header is known: a multipart, a message or a leaf.
  void begin_body();
  bool begin_multipart(Entity& entity);
  bool begin_message(Entity& entity);
  bool has_room() const { return stack_.size() < settings_.depth && parts_ < settings_.parts; }

  std::optional<Match> match(std::string_view line) const;
  /// `before` is the end of what stands before the boundary line.
  void take_boundary(const Match& match, const Line& line, End before);
  void close(const End& end);

  const Scanner::Settings settings_;
  const std::size_t header_line_limit_;
  const std::size_t body_line_limit_;
  KeptOctets kept_;
  HeaderReader reader_{settings_};
  EntityFields fields_{settings_, kept_};
  HeaderFacts facts_;

  std::vector<Entity> stack_;
  Structure structure_;
  std::size_t parts_ = 0;
  bool in_header_ = true;
  std::uint64_t lines_ = 0;  ///< line feeds so far
  std::uint64_t eol_ = 0;    ///< of the line before, if it is of a body
};

}  // namespace mailpod::message
