#include "blocking_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include <openssl/ssl.h>

namespace mailpod::net {

namespace {

/// As the daemon's main does.
const auto sigpipe_ignored = std::signal(SIGPIPE, SIG_IGN);

}  // namespace

SocketPair::SocketPair() {
  int both[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  ours = both[0];
  theirs = both[1];
}

BlockingClient BlockingClient::connect(unsigned short port) {
  BlockingClient made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(made.descriptor_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    throw std::system_error(errno, std::generic_category(), "connect");
  }
  return made;
}

BlockingClient::BlockingClient(BlockingClient&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      settings_(std::exchange(other.settings_, nullptr)),
      session_(std::exchange(other.session_, nullptr)) {}

BlockingClient::~BlockingClient() {
  SSL_free(session_);
  SSL_CTX_free(settings_);
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool BlockingClient::start_tls(const std::string& server_name, int max_version) {
  settings_ = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_max_proto_version(settings_, max_version);
  SSL_CTX_set_options(settings_, SSL_OP_IGNORE_UNEXPECTED_EOF);
  if (!extended_master_secret_) SSL_CTX_set_options(settings_, SSL_OP_NO_EXTENDED_MASTER_SECRET);
  if (max_version != 0 && max_version < TLS1_2_VERSION) SSL_CTX_set_cipher_list(settings_, "ALL:@SECLEVEL=0");
  session_ = SSL_new(settings_);
  SSL_set_fd(session_, descriptor_);
  if (!server_name.empty()) SSL_set_tlsext_host_name(session_, server_name.c_str());
  return SSL_connect(session_) == 1;
}

std::string BlockingClient::shown_name() const {
  char name[256] = "";
  X509* certificate = SSL_get0_peer_certificate(session_);
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
  return name;
}

std::string BlockingClient::end_point_binding() const {
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  X509_digest(SSL_get0_peer_certificate(session_), EVP_sha256(), hash, &size);
  return {reinterpret_cast<const char*>(hash), size};
}

std::string BlockingClient::exporter_binding() const {
  constexpr std::string_view label = "EXPORTER-Channel-Binding";
  std::string material(32, '\0');
  SSL_export_keying_material(session_, reinterpret_cast<unsigned char*>(material.data()), material.size(), label.data(),
                             label.size(), nullptr, 0, 0);
  return material;
}

void BlockingClient::send_key_update() {
  SSL_key_update(session_, SSL_KEY_UPDATE_NOT_REQUESTED);
  SSL_do_handshake(session_);
}

void BlockingClient::send(std::string_view octets) {
  while (!octets.empty()) {
    const auto sent = session_ != nullptr ? SSL_write(session_, octets.data(), static_cast<int>(octets.size()))
                                          : ::send(descriptor_, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    octets.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string BlockingClient::receive(std::size_t count) {
  std::string out;
  while (out.size() < count) {
    char piece[4096];
    const auto wanted = std::min(count - out.size(), sizeof piece);
    const auto got = session_ != nullptr ? SSL_read(session_, piece, static_cast<int>(wanted))
                                         : ::recv(descriptor_, piece, wanted, 0);
    if (got <= 0) break;
    out.append(piece, static_cast<std::size_t>(got));
  }
  return out;
}

std::string BlockingClient::receive_all() {
  return receive(SIZE_MAX);
}

void BlockingClient::close() {
  if (session_ != nullptr) SSL_shutdown(session_);
  ::shutdown(descriptor_, SHUT_RDWR);
}

}  // namespace mailpod::net
