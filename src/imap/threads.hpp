#pragma once

#include "thread_forest.hpp"
#include "thread_scan.hpp"

namespace mailpod::imap {

/// The threading algorithms that THREAD knows, each of what a finished scan has read. O(n log n); pool.

/// One thread for each subject; all others answer its first message. RFC 5256 §3.
ThreadForest ordered_subject_threads(const ThreadScan& scan);
/// By References, and then by subject; in the order of the sent dates. RFC 5256 §3.
ThreadForest references_threads(const ThreadScan& scan);
/// By References alone; the thread that got a message last comes last. draft-ietf-morg-inthread-01, section 4.
ThreadForest refs_threads(const ThreadScan& scan);

}  // namespace mailpod::imap
