#include <mailpod/sasl/scram_exchange.hpp>

#include <gtest/gtest.h>

#include <mailpod/sasl/scram.hpp>
#include <mailpod/text/base64.hpp>

namespace mailpod::sasl {
namespace {

using Variant = ScramExchange::Variant;

// RFC 7677 §3: user "user", password "pencil".
constexpr std::string_view client_first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
constexpr std::string_view client_final =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
const ScramChallenge challenge{text::parse_base64("W22ZaJ0SNY7soEsUEjb6gQ==").value(), 4096,
                               "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"};
const ChannelBindings bound{"the exporter's octets", "the certificate's hash"};

/// What the server makes of a whole exchange: its last message, or the error's, or "refused" by who knows the password.
std::string outcome(std::string_view first, std::string_view last, Variant variant = Variant::bare,
                    const ChannelBindings& bindings = {}) {
  static crypto::KeyArena arena;
  static const auto keys = scram::derive(arena, "pencil", challenge.salt, challenge.iterations);
  ScramExchange exchange(variant, bindings);
  if (const auto taken = exchange.take_first(first); !taken) return taken.error().message();
  exchange.server_first(challenge);
  if (const auto taken = exchange.take_final(last); !taken) return taken.error().message();
  const auto claim = exchange.claim(Scope::imap);
  if (claim.authentication_id != "user" ||
      !scram::recover_client_key(arena, base::octets(keys.stored_key), claim.auth_message, claim.proof)) {
    return "refused";
  }
  return ScramExchange::server_final(scram::sign(keys.server_key, claim.auth_message));
}

/// The error of a first message alone.
boost::system::error_code error_of(std::string_view first, Variant variant = Variant::bare,
                                   const ChannelBindings& bindings = {}) {
  ScramExchange exchange(variant, bindings);
  const auto taken = exchange.take_first(first);
  return taken ? boost::system::error_code() : taken.error();
}

std::string name_in(std::string_view first) {
  ScramExchange exchange(Variant::bare, {});
  return exchange.take_first(first) ? exchange.authentication_id() : "nobody";
}

TEST(ScramExchange, SpeaksTheExampleOfRfc7677) {
  ScramExchange exchange(Variant::bare, {});
  ASSERT_TRUE(exchange.take_first(client_first));
  EXPECT_EQ(exchange.authentication_id(), "user");
  EXPECT_EQ(exchange.server_first(challenge),
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
  EXPECT_EQ(outcome(client_first, client_final), "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

TEST(ScramExchange, FailsForEveryOctetThatIsAnother) {
  const std::string good = outcome(client_first, client_final);
  for (const char mask : {'\x01', '\x02', '\x20', '\x40'}) {
    for (std::size_t at = 0; at < client_first.size(); ++at) {
      std::string bad(client_first);
      bad[at] = static_cast<char>(bad[at] ^ mask);
      EXPECT_NE(outcome(bad, client_final), good) << bad;
    }
    for (std::size_t at = 0; at < client_final.size(); ++at) {
      std::string bad(client_final);
      bad[at] = static_cast<char>(bad[at] ^ mask);
      EXPECT_NE(outcome(client_first, bad), good) << bad;
    }
  }
}

TEST(ScramExchange, FailsForEveryMessageThatIsCutShort) {
  for (std::size_t size = 0; size < client_first.size(); ++size) {
    EXPECT_FALSE(outcome(client_first.substr(0, size), client_final).starts_with("v="));
  }
  for (std::size_t size = 0; size < client_final.size(); ++size) {
    EXPECT_FALSE(outcome(client_first, client_final.substr(0, size)).starts_with("v="));
  }
}

// RFC 5802 §6.
TEST(ScramExchange, BindsOnlyWhereBothSidesDo) {
  EXPECT_EQ(error_of("n,,n=u,r=x", Variant::bare, bound), boost::system::error_code())
      << "who cannot bind may go without";
  EXPECT_EQ(error_of("y,,n=u,r=x", Variant::bare, bound), ScramError::server_does_support_channel_binding);
  EXPECT_EQ(error_of("y,,n=u,r=x"), boost::system::error_code());
  EXPECT_EQ(error_of("p=tls-exporter,,n=u,r=x", Variant::bare, bound), ScramError::channel_binding_not_supported);
  EXPECT_EQ(error_of("p=tls-exporter,,n=u,r=x", Variant::plus, bound), boost::system::error_code());
  EXPECT_EQ(error_of("p=tls-server-end-point,,n=u,r=x", Variant::plus, bound), boost::system::error_code());
  EXPECT_EQ(error_of("p=tls-exporter,,n=u,r=x", Variant::plus, {"", "hash"}),
            ScramError::unsupported_channel_binding_type)
      << "TLS 1.2 may have none";
  EXPECT_EQ(error_of("p=tls-unique,,n=u,r=x", Variant::plus, bound), ScramError::unsupported_channel_binding_type);
  EXPECT_EQ(error_of("p=,,n=u,r=x", Variant::plus, bound), ScramError::unsupported_channel_binding_type);
  EXPECT_EQ(error_of("n,,n=u,r=x", Variant::plus, bound), ScramError::other_error);
  EXPECT_EQ(error_of("y,,n=u,r=x", Variant::plus, bound), ScramError::server_does_support_channel_binding);
  EXPECT_EQ(error_of("F,n,,n=u,r=x"), ScramError::invalid_encoding) << "GSS-API's flag is not SASL's";
}

TEST(ScramExchange, WantsTheBindingOfThisConnectionBehindTheHeaderOfTheFirstMessage) {
  const auto last = [](std::string_view bound_to) {
    return "c=" + text::write_base64(bound_to) +
           ",r=x%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
  };
  const std::string_view first = "p=tls-exporter,,n=user,r=x";
  const std::string mismatch = "channel-bindings-dont-match";
  EXPECT_EQ(outcome(first, last("p=tls-exporter,," + bound.exporter), Variant::plus, bound), "refused")
      << "all is well but the proof, which is another exchange's";
  EXPECT_EQ(outcome(first, last("p=tls-exporter,,"), Variant::plus, bound), mismatch);
  EXPECT_EQ(outcome(first, last("p=tls-exporter,," + bound.server_end_point), Variant::plus, bound), mismatch);
  EXPECT_EQ(outcome(first, last("p=tls-server-end-point,," + bound.exporter), Variant::plus, bound), mismatch);
  EXPECT_EQ(outcome(first, last("n,,"), Variant::plus, bound), mismatch);
  EXPECT_EQ(outcome("y,,n=user,r=x", last("n,,")), mismatch) << "a flag that was changed on the way";
}

TEST(ScramExchange, ActsForNobodyElse) {
  EXPECT_EQ(name_in("n,a=user,n=user,r=x"), "user");
  EXPECT_EQ(name_in("n,a=a=2Cb=3D,n=a=2Cb=3D,r=x"), "a,b=");
  EXPECT_EQ(error_of("n,a=bob,n=user,r=x"), MechanismError::authorization_differs);
  EXPECT_EQ(error_of("n,bob,n=user,r=x"), ScramError::invalid_encoding);
  EXPECT_EQ(error_of("n,a=,n=user,r=x"), ScramError::invalid_encoding) << "who acts as nobody else writes no a=";
}

TEST(ScramExchange, ReadsNamesAsTheyAreWritten) {
  EXPECT_EQ(name_in("n,,n=j=C3=BCrgen,r=x"), "nobody");
  EXPECT_EQ(name_in("n,,n=j\xc3\xbcrgen@pod.lab,r=x"), "j\xc3\xbcrgen@pod.lab");
  EXPECT_EQ(error_of("n,,n=a=2c,r=x"), ScramError::invalid_username_encoding);
  EXPECT_EQ(error_of("n,,n=a=,r=x"), ScramError::invalid_username_encoding);
  EXPECT_EQ(error_of("n,,n=\xff,r=x"), MechanismError::not_utf8);
  EXPECT_EQ(error_of("n,,n=,r=x"), MechanismError::empty_name);
  EXPECT_EQ(error_of("n,,n=" + std::string(longest_field + 1, 'a') + ",r=x"), MechanismError::too_long);
  EXPECT_EQ(error_of("n,,n=a,r=" + std::string(5 * longest_field, 'r')), MechanismError::too_long);
}

TEST(ScramExchange, HoldsTheOrderOfTheGrammar) {
  for (const std::string_view first :
       {"", "n", "n,", "n,,", "n,,n=user", "n,,n=user,", "n,,r=x,n=user", "n,,n=user,r=", "n,,n=user,r=a b",
        "n,,n=user,r=x,", "n,,n=user,r=x,y", "n,,n=user,r=x,y=", "n,,n=user,r=x,1=y", "N,,n=user,r=x"}) {
    EXPECT_EQ(error_of(first), ScramError::invalid_encoding) << first;
  }
  EXPECT_EQ(error_of("n,,m=x,n=user,r=x"), ScramError::extensions_not_supported);
  EXPECT_EQ(error_of("n,,n=user,r=x,m=x"), ScramError::extensions_not_supported);
  EXPECT_EQ(error_of("n,,n=user,r=x,k=anything"), boost::system::error_code());
  const std::string proof(client_final.substr(client_final.find(",p=")));
  const std::string before(client_final.substr(0, client_final.find(",p=")));
  for (const auto& last : {before, before + proof + ",x=y", proof.substr(1) + "," + before, before + ",p=AAAA",
                           before + ",p=" + proof.substr(3, 40), before + proof.substr(0, 2) + "=="}) {
    EXPECT_EQ(outcome(client_first, last), "invalid-encoding") << last;
  }
  EXPECT_EQ(outcome(client_first, before + ",m=x" + proof), "extensions-not-supported");
  EXPECT_EQ(outcome(client_first, before + ",k=x" + proof), "refused") << "passed over, and signed";
}

TEST(ScramExchange, WantsBothNonces) {
  std::string other(client_final);
  other.replace(other.find("%hv"), 3, "%hw");
  EXPECT_EQ(outcome(client_first, other), "other-error");
  EXPECT_EQ(outcome(client_first, "c=biws,r=rOprNGfwEbeRWgbNEkqO,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="),
            "other-error");
}

}  // namespace
}  // namespace mailpod::sasl
