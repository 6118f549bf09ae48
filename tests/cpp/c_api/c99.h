/* Declares what c99.c gives to the tests. */
#ifndef EDGEBIN_TESTS_C_API_C99_H_
#define EDGEBIN_TESTS_C_API_C99_H_

#ifdef __cplusplus
extern "C" {
#endif

/* Loads the model at `path`, runs an image of zeros and returns the number of its first output's
 * elements, or -1 with a line on standard error. */
long elements_from_c(const char* path);

#ifdef __cplusplus
}
#endif

#endif /* EDGEBIN_TESTS_C_API_C99_H_ */
