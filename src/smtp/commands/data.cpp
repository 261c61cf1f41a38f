#include <array>

#include "../acceptance.hpp"
#include "../commands.hpp"
#include "../data_reader.hpp"
#include "../pace.hpp"

namespace mailpod::smtp {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t block = 16 * 1024;

/// What came of reading a message to its end.
struct Received {
  Status status;  ///< the first thing that spoke against it
  DataReader::Fault fault = DataReader::Fault::none;
  bool ended = false;  ///< CRLF . CRLF was seen
};

class Intake {
public:
  Intake(Session& session, Letter& letter)
      : session_(session), letter_(letter), pace_(session.services.clock, session.settings) {}

  /// Reads to the end of data, a fault, or to where patience ends.
  awaitable<Received> read() {
    Received received;
    while (!reader_.ended() && reader_.fault() == DataReader::Fault::none) {
      co_await read_block(session_.settings.timeout);
      received.fault = reader_.fault();
      if (received.fault != DataReader::Fault::none) break;
      if (message_ > session_.settings.message_size && received.status) received.status = Errc::too_big;
      // It is read to the dot, so that the refusal can be heard, but not for ever.
      if (read_ > 2 * session_.settings.message_size) break;
      if (received.status && !out_.empty()) {
        auto writing = letter_.write(out_);
        received.status = co_await answer_of(std::move(writing));
      }
    }
    received.ended = reader_.ended();
    co_return received;
  }

  /// Throws away what is still on its way, up to the true end of data or for a moment: closing over unread octets would
  /// reset the connection, and the client might never read why.
  awaitable<void> drain() {
    while (!reader_.ended() && read_ <= 2 * session_.settings.message_size) {
      const bool more = co_await read_block(session_.settings.linger);
      if (!more) co_return;
    }
  }

private:
  /// False if nothing came in time, during drain; while reading that is an exception.
  awaitable<bool> read_block(std::chrono::milliseconds limit) {
    out_.clear();
    const net::Wake wake = co_await session_.lines.wait_input(limit);
    if (wake == net::Wake::timeout) {
      if (reader_.fault() != DataReader::Fault::none) co_return false;
      throw std::system_error(std::make_error_code(std::errc::timed_out));
    }
    // One octet after the end belongs to the next command, so what is read goes through the buffer of the lines.
    const std::size_t count = co_await session_.lines.read_some(buffer_);
    if (count == 0) throw std::system_error(net::make_error_code(net::Errc::peer_closed));
    const std::size_t taken = reader_.take(std::string_view(buffer_.data(), count), out_);
    session_.lines.put_back(std::string_view(buffer_.data() + taken, count - taken));
    pace_.count(taken);
    read_ += taken;
    message_ += out_.size();
    co_return true;
  }

  Session& session_;
  Letter& letter_;
  Pace pace_;
  DataReader reader_;
  std::uint64_t read_ = 0;     // octets as they came
  std::uint64_t message_ = 0;  // octets of the message: without stuffed dots and the end of data
  std::string out_;
  std::array<char, block> buffer_;
};

}  // namespace

// RFC 5321 §4.1.1.4
awaitable<Reply> run_data(Session& session, std::string_view) {
  const bool early = co_await session.client_runs_ahead();
  if (early) co_return Reply(554, "5.5.0", "wait for the answer to DATA", Next::close);
  if (auto refusal = no_recipients(session, *session.transaction)) {
    ++session.patience.errors;
    co_return std::move(*refusal);
  }
  // Whatever becomes of it, the transaction ends here. RFC 5321 §3.3.
  const Transaction transaction = *std::exchange(session.transaction, std::nullopt);
  auto beginning = begin_letter(session, transaction);
  const Result<std::unique_ptr<Letter>> letter = co_await std::move(beginning);
  if (!letter) co_return refusal_for(session, transaction, letter.error());

  const Reply go_ahead(354, "", "end data with <CR><LF>.<CR><LF>");
  co_await session.say(go_ahead);
  co_await session.flush();

  Intake intake(session, **letter);
  const Received received = co_await intake.read();
  if (received.fault != DataReader::Fault::none) {
    session.services.log.info("smtp.malformed_data peer={}", session.peer.address);
    co_await session.say(refusal_for(received.fault));
    co_await session.flush();
    co_await intake.drain();
    // Said already; the session ends without another word.
    co_return Reply::silent_close();
  }
  if (!received.ended) co_return Reply(552, "5.3.4", "message too big", Next::close);
  auto accepting = accept_letter(session, **letter, received.status, transaction.recipients.size());
  Reply reply = co_await std::move(accepting);
  co_return reply;
}

}  // namespace mailpod::smtp
