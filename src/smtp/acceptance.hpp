#pragma once

#include "data_reader.hpp"
#include "session.hpp"

/// What DATA and BDAT share: how a message begins and how it ends, whichever way its octets come.
namespace mailpod::smtp {

/// Asks the mailroom for the letter of the transaction, or says why there is none.
awaitable<Result<std::unique_ptr<Letter>>> begin_letter(Session& session, const Transaction& transaction);

/// What DATA and BDAT answer where there is none.
Reply refusal_for(const Session& session, const Transaction& transaction, boost::system::error_code error);

/// There is somebody to take the message for; else what DATA and BDAT answer. RFC 5321 §3.3, RFC 2033 §4.2.
std::optional<Reply> no_recipients(const Session& session, const Transaction& transaction);

/// After the last octet: accepts the letter, if `received` is no refusal, and gives the last reply. Under LMTP those
/// before it, one a recipient, are said already. RFC 2033 §4.2.
awaitable<Reply> accept_letter(Session& session, Letter& letter, Status received, std::size_t recipients);

/// The end of a session whose message has line ends that are none.
Reply refusal_for(DataReader::Fault fault);

}  // namespace mailpod::smtp
