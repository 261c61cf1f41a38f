#pragma once

#include <memory>
#include <string>

#include <mailpod/net/stream.hpp>

namespace mailpod::net {

/// A stream whose octets go through DEFLATE, both ways, from begin() to end(), if that is called at all. RFC 4978 §3.
///
/// Each write() is complete at the other end: it ends with a flush. What is read is decompressed as far as there is
/// room for it, so no input can make it need memory. Until begin() it adds nothing; while its owner waits for input it
/// holds at most the window of what was received, 40 KiB with its bookkeeping, and nothing of what was sent: every
/// batch of writes is compressed by itself, so that what one batch holds is not told by the length of the next.
class DeflatingStream final : public Stream {
public:
  /// Borrowed.
  explicit DeflatingStream(Stream& stream);
  ~DeflatingStream() override;
  DeflatingStream(const DeflatingStream&) = delete;
  DeflatingStream& operator=(const DeflatingStream&) = delete;

  /// Whoever buffers input must have checked that nothing was received ahead of it.
  void begin();
  bool is_active() const { return input_ != nullptr; }

  /// For protocols in which it ends where the peer waits for an answer. True once all that was received has been read
  /// and ends with a flush, for which it waits so long; false if no flush comes, or something behind it: then it cannot
  /// be told where the peer's compressed octets end.
  awaitable<bool> can_end(std::chrono::milliseconds limit);
  /// What is written and read from here on is plain. begin() may follow again.
  void end();

  /// Throws std::errc::bad_message for what is not DEFLATE.
  awaitable<std::size_t> read_some(std::span<char> into) override;
  awaitable<void> write(std::string_view octets) override;
  /// Octets that decompress to nothing do not count as input.
  awaitable<Wake> wait_input(std::chrono::milliseconds limit) override;

  void set_timeout(std::chrono::milliseconds limit) override { stream_.set_timeout(limit); }
  std::chrono::milliseconds timeout() const override { return stream_.timeout(); }
  void ring() override { stream_.ring(); }
  awaitable<void> start_tls() override { return stream_.start_tls(); }
  awaitable<void> start_client_tls(TlsPeer peer) override { return stream_.start_client_tls(std::move(peer)); }
  bool offers_tls() const override { return stream_.offers_tls(); }
  bool secure() const override { return stream_.secure(); }
  TlsInformation tls() const override { return stream_.tls(); }
  std::string channel_binding(Binding kind) const override { return stream_.channel_binding(kind); }
  Endpoint peer() const override { return stream_.peer(); }
  std::uint16_t local_port() const override { return stream_.local_port(); }
  std::shared_ptr<const Activity> activity() const override { return stream_.activity(); }
  awaitable<void> close() override { return stream_.close(); }
  void abort() override { stream_.abort(); }
  void end_input() override { stream_.end_input(); }
  boost::asio::any_io_executor executor() override { return stream_.executor(); }
  std::chrono::steady_clock::time_point now() const override { return stream_.now(); }
  std::unique_ptr<Alarm> make_alarm() override { return stream_.make_alarm(); }

private:
  class Input;
  class Output;

  awaitable<void> receive();

  Stream& stream_;
  std::unique_ptr<Input> input_;    ///< once it is active
  std::unique_ptr<Output> output_;  ///< while something is being said
};

}  // namespace mailpod::net
