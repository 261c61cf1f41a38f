#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include <mailpod/base/bytes.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/store/vault.hpp>

#include "view.hpp"

namespace mailpod::imap {

/// Stands for a text of which only equality counts: a message id, a base subject. 128 bits of SHA-256, so that nobody
/// can write two texts that are taken for one, and a long text costs no more memory than a short one.
using TextMark = base::ByteArray<16>;
struct TextMarkHash {
  std::size_t operator()(const TextMark& mark) const noexcept;
};
TextMark mark_of(std::string_view text);

/// What threading needs of one message, but for who answers whom.
struct ThreadedMessage {
  store::SeqNum number;
  std::int64_t sent = 0;            ///< seconds since 1970
  std::uint32_t received = 0;       ///< likewise
  std::optional<TextMark> subject;  ///< of the base subject; nothing if that is empty
  bool is_reply_or_forward = false;
};

/// Reads what threading needs, and links messages as their references say: step 1 of RFC 5256 §3, "REFERENCES". Memory
/// grows with the messages, not with what stands in them. Pool; the view must not change meanwhile.
class ThreadScan {
public:
  /// `messages` ascending. View, vault and clock are borrowed.
  ThreadScan(std::vector<store::SeqNum> messages, const View& view, store::Vault& vault, base::Clock& clock);

  /// Reads on for about `time`; true if more are left.
  bool next(std::chrono::microseconds time);
  std::size_t done() const { return messages_.size(); }

  /// In mailbox order.
  const std::vector<ThreadedMessage>& messages() const { return messages_; }

  static constexpr std::uint32_t none = ~0U;
  /// A message, or one that is only referred to.
  struct Node {
    std::uint32_t message = none;  ///< place in messages()
    std::uint32_t parent = none;   ///< place in nodes()
    std::uint32_t children = 0;
  };
  /// No node is its own ancestor.
  const std::vector<Node>& nodes() const { return nodes_; }

private:
  void read(store::SeqNum number);
  void link_references(const message::Structure& structure, std::uint32_t own);
  std::uint32_t node_for_message(const message::Structure* structure);
  std::optional<std::uint32_t> node_for_reference(std::string_view id);
  bool may_be_parent(std::uint32_t parent, std::uint32_t child) const;
  void set_parent(std::uint32_t child, std::uint32_t parent);

  std::vector<store::SeqNum> numbers_;
  const View& view_;
  store::Vault& vault_;
  base::Clock& clock_;
  std::vector<ThreadedMessage> messages_;
  std::vector<Node> nodes_;
  std::unordered_map<TextMark, std::uint32_t, TextMarkHash> by_id_;
  std::size_t absent_ = 0;  // nodes that are no message, now or when they were made
};

}  // namespace mailpod::imap
