#pragma once

#include <list>
#include <memory>
#include <string>

#include <unbound.h>

#include <boost/asio/posix/stream_descriptor.hpp>

#include <mailpod/net/resolver.hpp>

namespace mailpod::net {

/// libunbound, asked from one loop: its own thread does the work, and what it found comes back through a descriptor.
/// The descriptor is watched only while somebody waits for an answer. Only on its loop.
class Unbound : public std::enable_shared_from_this<Unbound> {
public:
  struct Free {
    void operator()(ub_ctx* context) const { ub_ctx_delete(context); }
    void operator()(ub_result* found) const { ub_resolve_free(found); }
  };
  using Found = std::unique_ptr<ub_result, Free>;

  /// Throws std::system_error that names the setting which cannot be used. Starts the thread, and waits for its first
  /// sign of life.
  Unbound(const boost::asio::any_io_executor& loop, ResolverSettings settings);
  ~Unbound();
  Unbound(const Unbound&) = delete;
  Unbound& operator=(const Unbound&) = delete;

  /// A positive answer: at least one record. Holds us until it ends.
  static awaitable<Result<Found>> ask(std::shared_ptr<Unbound> self, std::string name, int type);
  void stop();
  /// Readable when there are answers.
  int descriptor() { return answers_.native_handle(); }

private:
  class Lookup;
  using Context = std::unique_ptr<ub_ctx, Free>;
  static Context make_context(const ResolverSettings& settings);
  void open();
  bool reopen() noexcept;
  void close();
  void listen();
  void take_answers();

  ResolverSettings settings_;
  Context context_;
  boost::asio::posix::stream_descriptor answers_;  ///< of the context, which closes it
  std::list<Lookup*> under_way_;
  bool listening_ = false;
  bool stopped_ = false;
};

}  // namespace mailpod::net
