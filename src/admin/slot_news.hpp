#pragma once

#include <string>
#include <string_view>

#include <mailpod/admin/desk.hpp>

namespace mailpod::admin {

/// What became of a member's secrets, or of where their mail goes, in plain words.
struct SlotNews {
  std::string subject;  ///< ASCII
  std::string what;     ///< one sentence or two
};

/// Mails it to the member, with what to do if it was not them. The change is made by now: that it cannot be told goes
/// to the log, and nowhere else.
void tell(const Premises& premises, std::string_view address, const SlotNews& news);

/// Sessions by secrets that count no more end at once.
void end_sessions_of(const Premises& premises, std::string_view address);

}  // namespace mailpod::admin
