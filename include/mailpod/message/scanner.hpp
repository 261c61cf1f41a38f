#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/message/structure.hpp>

namespace mailpod::message {

/// Where one field of the message's own header stands.
struct HeaderField {
  std::string name;               ///< as written, without white space before the colon; at most 100 octets
  std::uint64_t name_offset = 0;  ///< of the name's first octet in the message
  Range value;                    ///< from after the colon to after the field's last line end, continuations included

  /// The whole field, as one removes it.
  Range whole() const { return {name_offset, value.end}; }
};

/// What delivery asks of the message's own header beyond its Structure. Counts are of all fields, also beyond the
/// limits.
struct HeaderFacts {
  std::vector<HeaderField> fields;    ///< in order; the first Settings::fields of them
  bool truncated = false;             ///< some field or octet of the header was beyond the limits and was not looked at
  std::uint32_t malformed_lines = 0;  ///< lines that are no field and no continuation
  bool has_nul = false;               ///< a NUL octet somewhere in the header

  std::uint32_t received = 0;
  std::uint32_t from = 0;
  std::uint32_t sender = 0;
  std::uint32_t to_cc_bcc = 0;
  std::uint32_t bcc = 0;
  std::uint32_t date = 0;
  std::uint32_t message_id = 0;
  std::uint32_t return_path = 0;
  std::vector<std::string> delivered_to;  ///< values, trimmed; of as many as Settings::fields
  AddressList from_addresses;             ///< of the first From field; more than one field is for the caller to refuse

  /// Fields called `name`, in any case, in order.
  std::vector<HeaderField> named(std::string_view name) const;
};

/// Reads a message of any size, as it comes, into its Structure.
///
/// Push parser: the chunks may be of any size, and give the same Structure however they are cut. It keeps at most about
/// twice Settings::header_octets beside the Structure itself, and takes linear time. Lines end with LF, with or without
/// CR before it. Never fails: what cannot be read as MIME is text/plain. Not shared between threads.
class Scanner {
public:
  struct Settings {
    std::size_t depth = 100;                    ///< entities within entities
    std::size_t parts = 10'000;                 ///< entities in all
    std::size_t header_octets = 128 * 1024;     ///< of one entity's header; the fields behind are only counted
    std::size_t field_octets = 64 * 1024;       ///< of one field's value
    std::size_t kept_octets = 2 * 1024 * 1024;  ///< header octets of all entities that the Structure is made from
    std::size_t addresses = 1'000;              ///< of one field
    std::size_t parameters = 64;                ///< of one field
    std::size_t references = 100;               ///< message ids
    std::size_t fields = 1'000;                 ///< in HeaderFacts
    std::size_t boundary_octets = 8 * 1024;     ///< a longer boundary is none; RFC 2046 §5.1.1 allows 70
  };

  Scanner();
  explicit Scanner(const Settings& settings);
  ~Scanner();
  Scanner(Scanner&&) noexcept;
  Scanner& operator=(Scanner&&) noexcept;

  void feed(std::string_view octets);

  /// The end of the message; once.
  Structure finish();

  /// Complete after finish().
  const HeaderFacts& facts() const;

private:
  class State;
  std::unique_ptr<State> state_;
};

/// The Structure of a message that is at hand as a whole.
Structure scan(std::string_view message, const Scanner::Settings& settings = {});
Structure scan(const base::OctetSource& message, const Scanner::Settings& settings = {});

}  // namespace mailpod::message
