#include "annotation_watch.hpp"

#include <vector>

#include "response.hpp"

namespace mailpod::imap {
namespace {

using store::Annotations;

/// The entries whose values are not the same; both may be nothing.
std::vector<std::string> changed_entries(const Annotations* before, const Annotations* after) {
  static const Annotations none;
  const auto& old_values = before == nullptr ? none : *before;
  const auto& new_values = after == nullptr ? none : *after;
  std::vector<std::string> changed;
  for (const auto& [entry, value] : new_values) {
    const auto known = old_values.find(entry);
    if (known == old_values.end() || known->second != value) changed.push_back(entry);
  }
  for (const auto& [entry, value] : old_values) {
    if (!new_values.contains(entry)) changed.push_back(entry);
  }
  return changed;
}

}  // namespace

void write_changed_entries(std::string& out, std::string_view mailbox, const Annotations* before,
                           const Annotations* after, const Dialect& dialect) {
  if (before == after) return;
  const auto entries = changed_entries(before, after);
  if (entries.empty()) return;
  out += "* METADATA ";
  write_mailbox(out, mailbox, dialect);
  for (const auto& entry : entries) {
    out += ' ';
    write_astring(out, entry);
  }
  out += "\r\n";
}

AnnotationWatch::Known AnnotationWatch::known_in(const store::VaultState& vault) {
  Known known;
  if (vault.annotations) known.emplace(store::MailboxId{}, vault.annotations);
  for (const auto& mailbox : vault.mailboxes) {
    if (mailbox->annotations) known.emplace(mailbox->id, mailbox->annotations);
  }
  return known;
}

void AnnotationWatch::announce(std::string& out, const std::shared_ptr<const store::VaultState>& newest,
                               const Dialect& dialect) {
  if (newest == seen_) return;
  auto now = known_in(*newest);
  const auto compare = [&](store::MailboxId id, std::string_view name, const Annotations* annotations) {
    const auto known = known_.find(id);
    const auto* before = known == known_.end() ? nullptr : known->second.get();
    write_changed_entries(out, name, before, annotations, dialect);
  };
  if (seen_ && (!known_.empty() || !now.empty())) {
    compare({}, {}, newest->annotations.get());
    for (const auto& mailbox : newest->mailboxes) compare(mailbox->id, mailbox->name, mailbox->annotations.get());
  }
  seen_ = newest;
  known_ = std::move(now);
}

void AnnotationWatch::own_change(std::string& out, const std::shared_ptr<const store::VaultState>& before,
                                 const std::shared_ptr<const store::VaultState>& after, const Dialect& dialect) {
  announce(out, before, dialect);
  seen_ = after;
  known_ = known_in(*after);
}

}  // namespace mailpod::imap
