#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <mailpod/base/member_id.hpp>
#include <mailpod/message/scanner.hpp>

namespace mailpod::delivery {

/// One member's copy of a message.
struct Destination {
  MemberId member;
  std::string address;  ///< what it was sent to, as text
};

/// What is changed in a header that goes on under another envelope, beside what is changed in every one.
struct HeaderChanges {
  std::vector<std::string> remove;  ///< names of fields
  std::string prepend;              ///< whole fields
};

/// Copies of a message that go on under another envelope than it came with: a group's. Durable with the message itself,
/// or not at all.
struct Onward {
  std::string reverse_path;  ///< as text
  std::vector<Destination> local;
  std::vector<std::string> remote;    ///< addresses as text; none twice
  std::optional<MemberId> submitter;  ///< who hears what became of the remote ones; nothing: nobody
  /// Whether `changes` put an address of ours into From.
  enum class Author { as_written, ours } author = Author::as_written;
  /// A member's own copy, where this is what they forward and keep none; theirs if the message had better not go on.
  std::optional<Destination> instead;
  bool forwards = false;  ///< because a member said so, once for all
  /// Asked at the dot, when the message's header is known. Pure.
  std::function<HeaderChanges(const message::HeaderFacts&)> changes;
};

/// What was to go on for a member stays here, in one copy. `local`: those that there are.
void keep_instead(const Onward& onward, std::vector<Destination>& local);

}  // namespace mailpod::delivery
