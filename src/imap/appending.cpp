#include "appending.hpp"

#include "response.hpp"

namespace mailpod::imap {
namespace {

Answer no_such_target() {
  return no("[TRYCREATE] No such mailbox");
}

}  // namespace

std::optional<Answer> refusal_of_target(Session& session, const std::string& name) {
  const auto mailbox = session.vault().state()->find(name);
  if (!mailbox || !mailbox->selectable) return no_such_target();
  return std::nullopt;
}

std::string append_uid_code(const store::Vault::Appended& appended) {
  std::string code = "APPENDUID ";
  write_number(code, appended.uid_validity.value);
  code += ' ';
  write_uid_set(code, appended.uids);
  return code;
}

Answer answer_for_append(Session& session, const boost::system::error_code& error) {
  return error == store::Errc::no_such_mailbox ? no_such_target() : session.answer_for(error);
}

}  // namespace mailpod::imap
