#pragma once

#include <mailpod/base/octet_source.hpp>
#include <mailpod/delivery/chancery.hpp>
#include <mailpod/message/structure.hpp>

namespace mailpod::delivery {

/// The signed files among a message's parts, whatever their names are: mail programs rename. A part is what it begins
/// with: a file's type, a signature's `untrusted comment:`, or it ends as the text of an act. A signature belongs to
/// the file that its trusted comment names by SHA-256; what belongs to nothing is left out. Line ends that mail made
/// CRLF are LF again, as whoever signed them wrote them.
///
/// Only parts of this message are looked at, none of messages within it. Of a message above 1 MiB, with more than 64
/// parts or more than 16 files nothing is read: `too_much`. Any thread.
SignedMail read_signed_mail(const base::OctetSource& message, const message::Structure& structure);

}  // namespace mailpod::delivery
