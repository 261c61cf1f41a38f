#include "status_for.hpp"

#include <mailpod/crypto/error.hpp>
#include <mailpod/sasl/credentials.hpp>
#include <mailpod/store/session_work.hpp>

namespace mailpod::imap {
namespace {

struct Row {
  boost::system::error_code error;
  const char* text;
};

}  // namespace

Answer status_for(const boost::system::error_code& error) {
  const Row rows[] = {
      {store::Errc::no_such_mailbox, "[NONEXISTENT] No such mailbox"},
      {store::Errc::mailbox_exists, "[ALREADYEXISTS] There is a mailbox of that name"},
      {store::Errc::bad_mailbox_name, "[CANNOT] A mailbox cannot have that name"},
      {store::Errc::mailbox_not_deletable, "[CANNOT] That mailbox cannot be deleted"},
      {store::Errc::too_many_mailboxes, "[OVERQUOTA] There are as many mailboxes as there may be"},
      {store::Errc::too_many_keywords, "[LIMIT] Too many keywords in this mailbox"},
      {store::Errc::bad_keyword, "[CANNOT] A keyword cannot have that name"},
      {store::Errc::gone, "[EXPUNGEISSUED] Some of the messages no longer exist"},
      {store::Errc::too_big, "[TOOBIG] The message is too big"},
      {store::Errc::over_quota, "[OVERQUOTA] The quota is used up"},
      {store::Errc::damaged, "[CORRUPTION] What is stored is damaged"},
      {store::Errc::wrong_key, "[UNAVAILABLE] The mail store cannot be opened with this login"},
      {store::Errc::annotation_too_big, "[LIMIT] The annotation is too big"},
      {store::Errc::too_many_annotations, "[METADATA TOOMANY] There are as many annotations as there may be"},
      {store::Errc::closed, "[UNAVAILABLE] The mail store was closed"},
      {crypto::Errc::spool_full, "[TOOBIG] The message is too big"},
      {sasl::Errc::refused, "[AUTHENTICATIONFAILED] Authentication failed"},
      {sasl::Errc::busy, "[UNAVAILABLE] Too many logins at once, try again"},
      {boost::system::errc::make_error_code(boost::system::errc::no_space_on_device),
       "[UNAVAILABLE] The disk is full, try again later"},
  };
  const auto* row = store::row_for(rows, error);
  return no(row == nullptr ? "[UNAVAILABLE] The mail store failed, try again later" : row->text);
}

}  // namespace mailpod::imap
