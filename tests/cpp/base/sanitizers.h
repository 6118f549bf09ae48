// Which sanitizer a test is compiled with. GCC defines a macro for each; clang has a feature test.
#ifndef EDGEBIN_TESTS_BASE_SANITIZERS_H_
#define EDGEBIN_TESTS_BASE_SANITIZERS_H_

#if defined(__has_feature)
#define EDGEBIN_HAS_FEATURE(feature) __has_feature(feature)
#else
#define EDGEBIN_HAS_FEATURE(feature) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || EDGEBIN_HAS_FEATURE(address_sanitizer)
#define EDGEBIN_ADDRESS_SANITIZER 1
#else
#define EDGEBIN_ADDRESS_SANITIZER 0
#endif

#if defined(__SANITIZE_THREAD__) || EDGEBIN_HAS_FEATURE(thread_sanitizer)
#define EDGEBIN_THREAD_SANITIZER 1
#else
#define EDGEBIN_THREAD_SANITIZER 0
#endif

#endif  // EDGEBIN_TESTS_BASE_SANITIZERS_H_
