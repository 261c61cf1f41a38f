#pragma once

#include <memory>
#include <string>

#include <mailpod/store/mailbox.hpp>

#include "dialect.hpp"

namespace mailpod::imap {

/// Appends `* METADATA INBOX /private/comment`: the entries whose values are not the same, no values; `mailbox` is
/// empty for the server. nullptr: there are none. Nothing if nothing changed. RFC 5464 §4.4.2.
void write_changed_entries(std::string& out, std::string_view mailbox, const store::Annotations* before,
                           const store::Annotations* after, const Dialect& dialect);

/// What one client knows of annotations, once it has said ENABLE METADATA: it is told, by the names of the entries,
/// what others change, and not what it changes itself. RFC 5464 §4.1, §4.4.2.
///
/// Like a View: the newest version that was looked at, and the difference to a newer one. Loop.
class AnnotationWatch {
public:
  /// Appends `* METADATA INBOX /private/comment` for each mailbox that stays and has other annotations than the client
  /// knows. The first time it only looks.
  void announce(std::string& out, const std::shared_ptr<const store::VaultState>& newest, const Dialect& dialect);

  /// The client changed `before` into `after` itself: what others changed until then is told, and this is not.
  void own_change(std::string& out, const std::shared_ptr<const store::VaultState>& before,
                  const std::shared_ptr<const store::VaultState>& after, const Dialect& dialect);

private:
  std::shared_ptr<const store::VaultState> seen_;
};

}  // namespace mailpod::imap
