#pragma once

#include <string>

namespace mailpod::imap {

class Session;

/// `IMAP4rev1 ID …`: what holds for this session now. Every token is kept whole, or it would not stand there.
std::string capabilities_of(Session& session);

/// Whether AUTHENTICATE knows SCRAM-SHA-256 now, and whether with -PLUS.
bool offers_scram(Session& session);
bool offers_scram_plus(Session& session);

}  // namespace mailpod::imap
