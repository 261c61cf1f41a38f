#pragma once

#include "header_reader.hpp"

namespace mailpod::message {

/// Enters one field of the message's own header into the facts.
void enter(HeaderFacts& facts, const ReadField& field, const Scanner::Settings& settings);

}  // namespace mailpod::message
