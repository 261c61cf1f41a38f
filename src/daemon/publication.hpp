#pragma once

#include <mailpod/base/current.hpp>
#include <mailpod/http/server.hpp>
#include <mailpod/net/pool.hpp>
#include <mailpod/web/site.hpp>

#include "configuration.hpp"
#include "open_pod.hpp"

namespace mailpod::daemon {

/// The names and ports that pages speak of, beside what [web] says.
web::Settings web_settings(const Configuration& configuration);

/// What the pod publishes by HTTP. Any thread, any loop.
class Publication final : public web::Pod {
public:
  /// All borrowed; they outlive it.
  struct Ports {
    OpenPod& pod;
    net::Pool& pool;
    const base::Current<Configuration>& configuration;
  };
  explicit Publication(const Ports& ports);

  /// One connection, from its first request to its end.
  net::awaitable<void> converse(net::Stream& stream);

  web::Settings settings() const override;
  bool serves(std::string_view domain) const override;
  Charters charters() const override;
  std::string card() const override;
  void with_witness(const std::function<void(governance::Witness&)>& work) override;

private:
  Ports ports_;
  web::Site site_;
  http::Server server_;
};

}  // namespace mailpod::daemon
