#include "status_for.hpp"

#include <cerrno>
#include <string_view>

namespace mailpod::smtp {

namespace {

struct Row {
  Errc errc;
  int code;
  std::string_view enhanced;
  std::string_view text;
};

constexpr Row rows[] = {
    {Errc::no_such_mailbox, 550, "5.1.1", "no such mailbox here"},
    {Errc::not_local, 550, "5.7.1", "relaying denied"},
    {Errc::remote_not_served, 451, "4.3.5", "this server sends no mail to other servers"},
    {Errc::mailbox_suspended, 450, "4.2.1", "mailbox is suspended for now"},
    {Errc::mailbox_unavailable, 450, "4.2.0", "nobody reads this mailbox yet"},
    {Errc::mailbox_full, 452, "4.2.2", "mailbox is full, try again later"},
    {Errc::sender_not_yours, 550, "5.7.1", "sender address is not yours"},
    {Errc::from_malformed, 550, "5.7.1", "exactly one valid From address is required"},
    {Errc::too_many_hops, 554, "5.4.6", "mail loop: too many hops"},
    {Errc::too_big, 552, "5.3.4", "message too big"},
    {Errc::storage_full, 452, "4.3.1", "storage is full, try again later"},
    {Errc::storage_failed, 451, "4.3.0", "local error, try again later"},
    {Errc::too_many_recipients, 452, "4.5.3", "too many recipients"},
    {Errc::may_not_submit, 550, "5.7.1", "you may not send mail"},
    {Errc::header_malformed, 550, "5.6.0", "message header is malformed"},
    {Errc::too_fast, 450, "4.7.0", "too much at once, try again later"},
    {Errc::day_is_full, 450, "4.7.0", "you have sent what your charter allows in a day, try again tomorrow"},
    {Errc::posting_refused, 550, "5.7.2", "you may not write to this group"},
    {Errc::mailbox_full_for_long, 552, "5.2.2", "mailbox has been full for a long time"},
    // RFC 7372 §3.
    {Errc::sender_not_shown, 550, "5.7.26", "not shown to come from the domain in From, which asks to refuse that"},
    {Errc::server_not_allowed, 550, "5.7.23", "this server may not send mail of the sender's domain (SPF)"},
    {Errc::sender_undecided, 451, "4.4.3", "DNS did not say whether you may send this, try again later"},
    {Errc::not_federated, 550, "5.7.1", "no mail is exchanged with that domain here"},
    {Errc::stranger_listed, 550, "5.7.1", "lists that are asked here speak against your address"},
    {Errc::stranger_waits, 451, "4.7.1", "nobody here knows you yet, try again in some minutes"},
    {Errc::federation_undecided, 451, "4.7.1", "where this comes from could not be found out, try again later"},
};

const Row* row_for(int errc) {
  for (const Row& row : rows) {
    if (static_cast<int>(row.errc) == errc) return &row;
  }
  return nullptr;
}

class MailroomCategory final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "mailroom"; }
  std::string message(int errc) const override {
    const Row* row = row_for(errc);
    return row != nullptr ? std::string(row->text) : "unknown answer of the mailroom";
  }
};

}  // namespace

const boost::system::error_category& mailroom_category() {
  static const MailroomCategory category;
  return category;
}

Reply status_for(boost::system::error_code error) {
  const Row* row = error.category() == mailroom_category() ? row_for(error.value()) : nullptr;
  if (row == nullptr) return {451, "4.3.0", "local error, try again later"};
  return {row->code, row->enhanced, std::string(row->text)};
}

Reply status_for(boost::system::error_code error, std::string_view explanation) {
  const Row* row = error.category() == mailroom_category() ? row_for(error.value()) : nullptr;
  if (row == nullptr || explanation.empty()) return status_for(error);
  return {row->code, row->enhanced, std::string(explanation)};
}

Errc errc_for(const std::system_error& failure) {
  const bool full = failure.code() == std::errc::no_space_on_device ||
                    failure.code() == std::error_code(EDQUOT, std::generic_category()) ||
                    failure.code() == std::error_code(EDQUOT, std::system_category());
  return full ? Errc::storage_full : Errc::storage_failed;
}

}  // namespace mailpod::smtp
