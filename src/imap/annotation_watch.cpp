#include "annotation_watch.hpp"

#include <utility>
#include <vector>

#include "annotation.hpp"
#include "mailbox_changes.hpp"
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

void AnnotationWatch::announce(std::string& out, const std::shared_ptr<const store::VaultState>& newest,
                               const Dialect& dialect) {
  const auto seen = std::exchange(seen_, newest);
  if (!seen || newest == seen) return;
  write_changed_entries(out, {}, seen->annotations.get(), newest->annotations.get(), dialect);
  for (const auto& [before, after] : changes_between(*seen, *newest)) {
    if (!after) continue;
    const auto known = told_annotations(before.get());
    const auto told = told_annotations(after.get());
    write_changed_entries(out, after->name, known.get(), told.get(), dialect);
  }
}

void AnnotationWatch::own_change(std::string& out, const std::shared_ptr<const store::VaultState>& before,
                                 const std::shared_ptr<const store::VaultState>& after, const Dialect& dialect) {
  announce(out, before, dialect);
  seen_ = after;
}

}  // namespace mailpod::imap
