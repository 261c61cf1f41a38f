#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include <mailpod/base/member_id.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/crypto/keys.hpp>

namespace mailpod::sasl {

/// What a login may be used for; a key slot names its scopes. Bits are stored: never renumber.
enum class Scope : std::uint8_t { imap = 1, send = 2, jmap = 4, dav = 8 };

/// A set of Scope bits.
using Scopes = std::uint8_t;

/// Whether what a login rests on still holds: its secret was not revoked, its member not suspended. Any thread; answers
/// at once.
class Standing {
public:
  virtual ~Standing() = default;
  virtual bool holds() const = 0;
  /// `doubted` is called whenever it may hold no longer, on the thread that is the cause; it must not block. Silent
  /// once the returned token is gone, but for a call that is under way. Whoever begins to watch asks holds()
  /// afterwards.
  virtual std::shared_ptr<void> watch(std::function<void()> doubted) const = 0;
};

/// Who logged in, and the key that opens their vault.
///
/// `vault_key` is empty for credentials that can only send. It is shared by the sessions of one login and zeroed with
/// the last of them. Movable, copyable (the key itself is shared, never duplicated).
struct Login {
  MemberId member;
  Scopes scopes = 0;
  /// Which key slot opened it: what revocation closes.
  base::ByteArray<16> slot{};
  std::shared_ptr<const crypto::VaultKey> vault_key;
  /// Asked again by whoever acts on a login later than it was made: revocation may outrun it. nullptr: holds for good.
  std::shared_ptr<const Standing> standing;
  /// What the member should hear at this login, in one line of ASCII; mostly nothing. RFC 3501 §7.1, ALERT.
  std::string alert;
  bool stands() const { return standing == nullptr || standing->holds(); }
  /// Standing::watch; nullptr where the login holds for good.
  std::shared_ptr<void> watch(std::function<void()> doubted) const {
    return standing == nullptr ? nullptr : standing->watch(std::move(doubted));
  }
};

enum class Errc {
  refused = 1,  ///< wrong name or secret, suspended, expired, out of scope: one answer for all of them
  busy,         ///< too many password checks are waiting; the client may try again
};
const boost::system::error_category& credentials_category();
inline boost::system::error_code make_error_code(Errc e) {
  return {static_cast<int>(e), credentials_category()};
}

/// What a client claims, as a mechanism understood it. Borrowed views must outlive the check.
struct PlainClaim {
  std::string_view authorization_id;  ///< empty, or equal to the authentication id
  std::string_view authentication_id;
  std::string_view password;
  Scope wanted;
};

/// How a client of SCRAM is to make its proof. RFC 5802 §5.1.
struct ScramChallenge {
  std::string salt;  ///< octets
  std::uint32_t iterations = 0;
  std::string nonce;  ///< ours: printable ASCII without commas, fresh
};
/// What a client of SCRAM proves its knowledge with. Borrowed, as above.
struct ScramClaim {
  std::string_view authentication_id;
  std::string_view auth_message;  ///< RFC 5802 §3
  std::string_view proof;         ///< 32 octets
  Scope wanted;
};
struct ScramLogin {
  Login login;
  base::ByteArray<32> server_signature{};  ///< what the client will check
};

/// Port: proves who a client is. Implemented by `members`.
///
/// Loop. A refusal costs the same time and reads the same for every reason (unknown name, wrong secret, suspended …).
class Credentials {
public:
  virtual ~Credentials() = default;
  virtual boost::asio::awaitable<Result<Login>> check_plain(PlainClaim claim) = 0;

  /// Whether whoever may log in can do so by SCRAM; where not, it is not offered, since programs prefer it.
  virtual bool offers_scram() const = 0;
  /// Every name has a challenge, the same ever after but for its nonce. Errors: busy.
  virtual boost::asio::awaitable<Result<ScramChallenge>> challenge_scram(std::string_view authentication_id) = 0;
  virtual boost::asio::awaitable<Result<ScramLogin>> check_scram(ScramClaim claim) = 0;

  /// Whoever logged in last has logged out, and the connection goes on as a stranger's. RFC 8437.
  virtual void left() {}
};

}  // namespace mailpod::sasl

template <>
struct boost::system::is_error_code_enum<mailpod::sasl::Errc> : std::true_type {};
