#pragma once

#include <optional>
#include <string>

#include <mailpod/governance/act_text.hpp>

#include "signing_desk.hpp"

namespace mailpod::daemon {

/// Where an act is made that may be signed by one maintainer after the other: with keys it is signed and handed in;
/// without, written with its text to be signed elsewhere, and what to do with it is said.
class ActDesk {
public:
  explicit ActDesk(const ActOptions& options) : options_(options), desk_(options.common) {}
  /// Before anything else.
  governance::Verdict<void> open();
  SigningDesk& signing() { return desk_; }
  /// An act of today, with the reason given.
  governance::Act act(governance::Act::Kind kind);
  /// The words of the options' file, with a salt of their own.
  governance::Verdict<governance::ActText> words();
  /// The exit status.
  int finish(const governance::Act& act, const std::optional<governance::ActText>& text);

private:
  int write(const std::string& octets, const std::optional<std::string>& text);
  const ActOptions& options_;
  SigningDesk desk_;
};

/// Hands in a file with the texts it may commit to.
governance::Verdict<nlohmann::json> submit(SigningDesk& desk, const governance::SignedFile& file,
                                           const std::vector<std::string>& texts);
/// What became of it. The exit status.
int say_submitted(const Common& common, const governance::Verdict<nlohmann::json>& submitted);

}  // namespace mailpod::daemon
