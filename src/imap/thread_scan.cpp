#include "thread_scan.hpp"

#include <algorithm>
#include <cstring>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/text/casemap.hpp>

#include "base_subject.hpp"
#include "sort_scan.hpp"

namespace mailpod::imap {
namespace {

/// Of a message id's quoted local part, what is quoted: one id in two spellings is one. RFC 5256 §3. Nothing if it has
/// no domain, for then it is no id: In-Reply-To holds all kinds of things.
std::optional<std::string> normalized(std::string_view id) {
  if (id.find('@') == std::string_view::npos) return std::nullopt;
  if (!id.starts_with('"')) return std::string(id);
  std::string plain;
  for (std::size_t i = 1; i < id.size(); ++i) {
    if (id[i] == '"') return plain + std::string(id.substr(i + 1));
    if (id[i] == '\\' && i + 1 < id.size()) ++i;
    plain += id[i];
  }
  return std::string(id);
}

std::optional<std::string> first_id(const std::optional<std::string>& value) {
  if (!value) return std::nullopt;
  for (const auto& id : message::parse_message_ids(*value)) {
    if (auto plain = normalized(id)) return plain;
  }
  return std::nullopt;
}

/// RFC 5256 §3: References, or else the first id of In-Reply-To.
std::vector<std::string> references_of(const message::Structure& structure) {
  std::vector<std::string> ids;
  for (const auto& id : structure.references) {
    if (auto plain = normalized(id)) ids.push_back(std::move(*plain));
  }
  if (!ids.empty()) return ids;
  if (auto id = first_id(structure.envelope.in_reply_to)) ids.push_back(std::move(*id));
  return ids;
}

}  // namespace

std::size_t TextMarkHash::operator()(const TextMark& mark) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, mark.data(), sizeof hash);
  return hash;
}

TextMark mark_of(std::string_view text) {
  const auto digest = crypto::sha256(text);
  TextMark mark{};
  std::copy_n(digest.begin(), mark.size(), mark.begin());
  return mark;
}

ThreadScan::ThreadScan(std::vector<store::SeqNum> messages, const View& view, store::Vault& vault, base::Clock& clock)
    : numbers_(std::move(messages)), view_(view), vault_(vault), clock_(clock) {}

bool ThreadScan::next(std::chrono::microseconds time) {
  const auto deadline = clock_.monotonic() + time;
  constexpr std::size_t between_looks_at_the_clock = 64;
  while (messages_.size() < numbers_.size()) {
    read(numbers_[messages_.size()]);
    if (messages_.size() % between_looks_at_the_clock == 0 && clock_.monotonic() > deadline) return true;
  }
  return false;
}

void ThreadScan::read(store::SeqNum number) {
  const auto& state = view_.at(number);
  const auto structure = vault_.structure(state);
  // One that cannot be read has no header fields, and is a thread of its own.
  const auto* readable = structure.has_value() ? structure->get() : nullptr;
  ThreadedMessage message;
  message.number = number;
  message.sent = sent_time(readable, state);
  message.received = state.internal_date;
  if (readable != nullptr && readable->envelope.subject) {
    const auto subject = base_subject(message::decode_header_value(*readable->envelope.subject));
    message.is_reply_or_forward = subject.is_reply_or_forward;
    if (!subject.text.empty()) message.subject = mark_of(text::casemap(subject.text));
  }
  const auto own = node_for_message(readable);
  nodes_[own].message = static_cast<std::uint32_t>(messages_.size());
  messages_.push_back(std::move(message));
  if (readable != nullptr) link_references(*readable, own);
}

std::uint32_t ThreadScan::node_for_message(const message::Structure* structure) {
  const auto added = static_cast<std::uint32_t>(nodes_.size());
  if (structure != nullptr) {
    if (const auto id = first_id(structure->envelope.message_id)) {
      const auto [known, is_new] = by_id_.try_emplace(mark_of(*id), added);
      // The first message of an id has it; another one is as if it had none.
      if (!is_new && nodes_[known->second].message == none) return known->second;
    }
  }
  nodes_.emplace_back();
  return added;
}

/// Nothing for one more message that is not there, if there are too many already.
std::optional<std::uint32_t> ThreadScan::node_for_reference(std::string_view id) {
  // Ten times what real mailboxes have; what comes later still finds what is there.
  constexpr std::size_t fewest = 10'000;
  constexpr std::size_t for_each_message = 10;
  const auto mark = mark_of(id);
  if (const auto known = by_id_.find(mark); known != by_id_.end()) return known->second;
  if (absent_ >= fewest + for_each_message * numbers_.size()) return std::nullopt;
  ++absent_;
  const auto added = static_cast<std::uint32_t>(nodes_.size());
  by_id_.emplace(mark, added);
  nodes_.emplace_back();
  return added;
}

void ThreadScan::link_references(const message::Structure& structure, std::uint32_t own) {
  std::optional<std::uint32_t> before;
  for (const auto& id : references_of(structure)) {
    const auto node = node_for_reference(id);
    if (!node) continue;
    if (before && nodes_[*node].parent == none && may_be_parent(*before, *node)) set_parent(*node, *before);
    before = node;
  }
  // What the message itself says of its parent is worth more than what others said of it.
  if (nodes_[own].parent != none) set_parent(own, none);
  if (before && may_be_parent(*before, own)) set_parent(own, *before);
}

/// Whether no loop would come of it. Who has no children is nobody's ancestor, which is the usual case; else it takes a
/// look at each ancestor, and above so many the link is not made: no people's thread is as deep, and a forged one
/// must not cost the square of its length.
bool ThreadScan::may_be_parent(std::uint32_t parent, std::uint32_t child) const {
  constexpr unsigned most_ancestors = 1'000;
  if (parent == child) return false;
  if (nodes_[child].children == 0) return true;
  unsigned looked = 0;
  for (auto at = parent; at != none; at = nodes_[at].parent) {
    if (at == child || ++looked > most_ancestors) return false;
  }
  return true;
}

void ThreadScan::set_parent(std::uint32_t child, std::uint32_t parent) {
  if (nodes_[child].parent != none) --nodes_[nodes_[child].parent].children;
  nodes_[child].parent = parent;
  if (parent != none) ++nodes_[parent].children;
}

}  // namespace mailpod::imap
