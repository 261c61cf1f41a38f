#include "capabilities.hpp"

#include <string_view>

#include <mailpod/sasl/scram_exchange.hpp>

#include "response.hpp"
#include "session.hpp"

namespace mailpod::imap {
namespace {

/// When a client may use what a token stands for; a set of these bits.
enum When : unsigned {
  in_clear = 1,           ///< not logged in, not encrypted, and TLS cannot be had
  in_clear_with_tls = 2,  ///< the same, and STARTTLS would work
  encrypted = 4,          ///< not logged in
  logged_in = 8,
  with_scram = 16,        ///< beside `encrypted`: not logged in, and app passwords are all that opens a session
  with_scram_bound = 32,  ///< the same, and the connection has something to be bound to
  may_log_out = 64,       ///< beside `logged_in`: UNAUTHENTICATE is allowed
};
constexpr unsigned in_clear_at_all = in_clear | in_clear_with_tls;
constexpr unsigned before_login = in_clear_at_all | encrypted;

struct Row {
  std::string_view token;
  unsigned when;
  std::uint64_t (*value)(const Settings& settings) = nullptr;  ///< where one stands behind the token
};

constexpr Row rows[] = {
    {"IMAP4rev1", before_login | logged_in},  // RFC 3501
    {"IMAP4rev2", before_login | logged_in},  // RFC 9051
    {"LITERAL-", before_login},               // RFC 7888
    {"LITERAL+", logged_in},
    {"ID", before_login | logged_in},  // RFC 2971
    {"SASL-IR", before_login},         // RFC 4959
    {"STARTTLS", in_clear_with_tls},
    {"LOGINDISABLED", in_clear_at_all},
    {"AUTH=SCRAM-SHA-256-PLUS", with_scram_bound},  // RFC 7677
    {"AUTH=SCRAM-SHA-256", with_scram},
    {"AUTH=PLAIN", encrypted},                                                               // RFC 4616
    {"ACL", logged_in},                                                                      // RFC 4314
    {"APPENDLIMIT=", logged_in, [](const Settings& settings) { return settings.message; }},  // RFC 7889
    {"BINARY", logged_in},                                                                   // RFC 3516
    {"CATENATE", logged_in},                                                                 // RFC 4469
    {"CHILDREN", logged_in},                                                                 // RFC 3348
    {"COMPRESS=DEFLATE", logged_in},                                                         // RFC 4978
    {"CONDSTORE", logged_in},                                                                // RFC 7162 §3.1
    {"CONTEXT=SEARCH", logged_in},                                                           // RFC 5267
    {"CONTEXT=SORT", logged_in},
    {"CREATE-SPECIAL-USE", logged_in},       // RFC 6154
    {"ENABLE", logged_in},                   // RFC 5161
    {"ESEARCH", logged_in},                  // RFC 4731
    {"ESORT", logged_in},                    // RFC 5267
    {"FILTERS", logged_in},                  // RFC 5466
    {"IDLE", logged_in},                     // RFC 2177
    {"INPROGRESS", logged_in},               // RFC 9585
    {"LANGUAGE", before_login | logged_in},  // RFC 5255 §3.1
    {"LIST-EXTENDED", logged_in},            // RFC 5258
    {"LIST-METADATA", logged_in},            // RFC 9590
    {"LIST-MYRIGHTS", logged_in},            // RFC 8440
    {"LIST-STATUS", logged_in},              // RFC 5819
    {"METADATA", logged_in},                 // RFC 5464
    {"MOVE", logged_in},                     // RFC 6851
    {"MULTIAPPEND", logged_in},              // RFC 3502
    {"MULTISEARCH", logged_in},              // RFC 7377
    {"NAMESPACE", logged_in},                // RFC 2342
    {"NOTIFY", logged_in},                   // RFC 5465
    {"OBJECTID", logged_in},                 // RFC 8474
    {"PARTIAL", logged_in},                  // RFC 9394
    {"PREVIEW", logged_in},                  // RFC 8970
    {"QRESYNC", logged_in},                  // RFC 7162 §3.2
    {"QUOTA", logged_in},                    // RFC 9208
    {"QUOTA=RES-MAILBOX", logged_in},
    {"QUOTA=RES-MESSAGE", logged_in},
    {"QUOTA=RES-STORAGE", logged_in},
    {"REPLACE", logged_in},      // RFC 8508
    {"RIGHTS=texk", logged_in},  // RFC 4314
    {"SAVEDATE", logged_in},     // RFC 8514
    {"SAVELIMIT=", logged_in,
     [](const Settings& settings) -> std::uint64_t { return settings.saved_messages; }},  // RFC 9738 §3
    {"SEARCH=FUZZY", logged_in},                                                          // RFC 6203
    {"SEARCHRES", logged_in},                                                             // RFC 5182
    {"SORT", logged_in},                                                                  // RFC 5256
    {"SORT=DISPLAY", logged_in},                                                          // RFC 5957
    {"SPECIAL-USE", logged_in},                                                           // RFC 6154
    {"STATUS=SIZE", logged_in},                                                           // RFC 8438
    {"THREAD=ORDEREDSUBJECT", logged_in},                                                 // RFC 5256
    {"THREAD=REFERENCES", logged_in},
    {"THREAD=REFS", logged_in},       // draft-ietf-morg-inthread
    {"UIDONLY", logged_in},           // RFC 9586
    {"UIDPLUS", logged_in},           // RFC 4315
    {"UNAUTHENTICATE", may_log_out},  // RFC 8437
    {"UNSELECT", logged_in},          // RFC 3691
    {"UTF8=ACCEPT", logged_in},       // RFC 9755
    {"WITHIN", logged_in},            // RFC 5032
};

unsigned when_for(Session& session) {
  if (session.is_logged_in()) return logged_in | (session.settings().unauthenticates > 0 ? may_log_out : 0U);
  if (!session.stream().secure()) return session.stream().offers_tls() ? in_clear_with_tls : in_clear;
  return encrypted | (offers_scram(session) ? with_scram : 0U) | (offers_scram_plus(session) ? with_scram_bound : 0U);
}

}  // namespace

bool offers_scram(Session& session) {
  return session.stream().secure() && session.ports().credentials.offers_scram();
}

bool offers_scram_plus(Session& session) {
  return offers_scram(session) && sasl::bindings_of(session.stream()).any();
}

std::string capabilities_of(Session& session) {
  const auto now = when_for(session);
  std::string list;
  for (const auto& row : rows) {
    if ((row.when & now) == 0) continue;
    if (!list.empty()) list += ' ';
    list += row.token;
    if (row.value != nullptr) write_number(list, row.value(session.settings()));
  }
  return list;
}

}  // namespace mailpod::imap
