/* The public face of edgebin for C, and for every language that calls C: load an .ebn file, ask
 * what it is, run pictures through it. It decodes no pictures and draws no conclusions: pixels go
 * in, the network's numbers come out.
 *
 *   edgebin_model* model = NULL;
 *   if (edgebin_load("resnet18.ebn", NULL, &model) != EDGEBIN_OK) {
 *     fprintf(stderr, "%s\n", edgebin_last_error());
 *     return 1;
 *   }
 *   edgebin_value input = {.size = sizeof input}, output = {.size = sizeof output};
 *   edgebin_get_input(model, &input);         // input.elements bytes are a picture
 *   edgebin_get_output(model, 0, &output);
 *   float* scores = malloc(output.elements * sizeof *scores);
 *   edgebin_run(model, pixels, input.elements, scores, output.elements);
 *   edgebin_free(model);
 *
 * Rules for all functions:
 * - What returns edgebin_status returns EDGEBIN_OK or tells by edgebin_last_error() what is wrong,
 *   and then has written to none of its results. A null pointer where none is allowed is an error,
 *   not a crash.
 * - A loaded model never changes. Any number of threads may use it at once; each concurrent run has
 *   working memory and threads of its own. Only edgebin_free() must be alone with its model.
 * - Strings are UTF-8, end with a zero and belong to the library: those of a model live as long as
 *   it does, all others for ever, but for the text of an error.
 * - Structures begin with their size, which the caller sets: sizeof of what it was compiled with.
 *   Later versions append fields, so programs need not be compiled again.
 */
#ifndef EDGEBIN_EDGEBIN_H_
#define EDGEBIN_EDGEBIN_H_

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define EDGEBIN_API __attribute__((visibility("default")))
#else
#define EDGEBIN_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Rises when a function or structure changes in a way that old programs cannot bear; what is only
 * added leaves it as it is. */
#define EDGEBIN_ABI_VERSION 1

/* EDGEBIN_ABI_VERSION of the library that is linked: not equal, do not go on. */
EDGEBIN_API uint32_t edgebin_abi_version(void);

/* Of the library, such as "0.1.0". */
EDGEBIN_API const char* edgebin_version(void);

typedef enum edgebin_status {
  EDGEBIN_OK = 0,
  EDGEBIN_ERROR_MODEL_FILE = 1, /* missing, damaged, or describes an impossible network */
  EDGEBIN_ERROR_INPUT = 2,      /* an argument does not fit the network, or is null */
  EDGEBIN_ERROR_OPTION = 3,     /* an option, EDGEBIN_ISA or EDGEBIN_CONV_ALGO has no such value
                                   here, or the system refuses a thread */
  EDGEBIN_ERROR_MEMORY = 4,     /* the system refuses memory */
  EDGEBIN_ERROR_INTERNAL = 5,   /* a bug in edgebin: please report it */
  EDGEBIN_ERROR_DIFFERENT = 6   /* a self-test found another result than the file promises */
} edgebin_status;

/* One line about the calling thread's last call that failed, "" before the first: the thing, what
 * was expected and what was found. Cut after 1023 bytes. Valid until that thread's next call that
 * fails. */
EDGEBIN_API const char* edgebin_last_error(void);

/* Of the same call: the code of the rule of FORMAT.md that the file breaks, such as
 * "container.magic", which is also in brackets at the end of the line; "" where the call failed for
 * another reason than a refused file. Lives for ever. */
EDGEBIN_API const char* edgebin_last_error_code(void);

/* Instruction sets that this library has and this machine can run, best first. The name of one past
 * the last is null. From any thread. */
EDGEBIN_API size_t edgebin_isa_count(void);
EDGEBIN_API const char* edgebin_isa_name(size_t index);

typedef struct edgebin_model edgebin_model;

/* All fields but size may be zero. */
typedef struct edgebin_options {
  size_t size;     /* sizeof(edgebin_options) */
  const char* isa; /* null: the environment variable EDGEBIN_ISA if it is set, else the best */
  int32_t threads; /* that one run uses, 1 to 256; 0 is 1 */
  int32_t pin;     /* 1: each started thread stays on a core of its own, the first core is left to
                      the calling thread; needs as many cores */
  uint64_t max_arena_bytes; /* a network that needs more working memory for one run is refused,
                               before it is allocated: 1 to 2^31; 0 is 2^31 */
} edgebin_options;

/* Loads the file at `path` and prepares it for this machine. `options` may be null. The model is
 * *model's new owner's: give it to edgebin_free(). The file is mapped and must not change while
 * the model lives. */
EDGEBIN_API edgebin_status edgebin_load(const char* path, const edgebin_options* options,
                                        edgebin_model** model);

/* The same from `size` bytes of such a file, at any alignment, which are not copied: they must stay
 * as they are until edgebin_free(). */
EDGEBIN_API edgebin_status edgebin_load_memory(const void* file, size_t size,
                                               const edgebin_options* options,
                                               edgebin_model** model);

/* Frees the model and every string it gave. Null is nothing to free. No other thread may be using
 * the model. */
EDGEBIN_API void edgebin_free(edgebin_model* model);

typedef struct edgebin_info {
  size_t size; /* sizeof(edgebin_info) */
  const char* name;
  const char* producer; /* what wrote the file */
  const char* colour;   /* of the pictures: "rgb", "bgr" or "grey" */
  const char* filter;   /* of the resize: "nearest", "bilinear", "bicubic" or "lanczos" */
  const char* isa;      /* whose kernels it runs */
  uint32_t resize;      /* short side before the centre crop; 0 stretches to the input's size */
  int32_t threads;      /* of one run */
  size_t output_count;  /* at least 1 */
  size_t label_count;   /* may be less than there are classes */
  size_t file_bytes;
  size_t arena_bytes; /* of working memory, for each concurrent run */
} edgebin_info;

/* A value that enters or leaves the network. Its elements lie row by row, channels innermost. */
typedef struct edgebin_value {
  size_t size; /* sizeof(edgebin_value) */
  const char* name;
  int32_t height;        /* 1 where there is one position, as for the scores of classes */
  int32_t width;         /* likewise */
  int32_t channels;      /* classes, where they are scores */
  int32_t probabilities; /* 1: an output of a softmax, 0: of anything else */
  size_t elements;       /* height x width x channels, of one picture */
} edgebin_value;

/* Fill in the structure, whose size the caller has set. From any thread. */
EDGEBIN_API edgebin_status edgebin_get_info(const edgebin_model* model, edgebin_info* info);
EDGEBIN_API edgebin_status edgebin_get_input(const edgebin_model* model, edgebin_value* value);
EDGEBIN_API edgebin_status edgebin_get_output(const edgebin_model* model, size_t index,
                                              edgebin_value* value);

/* The name of a class; null where the model has none for it. From any thread. */
EDGEBIN_API const char* edgebin_label(const edgebin_model* model, size_t index);

/* Runs one or several pictures and gives the first output.
 *
 * pictures: uint8, `bytes` of them: a whole number n of pictures, one after the other, each
 *           (height, width, channels) of the input, in the colour order that edgebin_info tells.
 * output:   room for float32 (n, height, width, channels) of the output.
 * elements: how many floats that are, which must be n times the output's.
 *
 * Both stay the caller's and are not kept. From any thread. */
EDGEBIN_API edgebin_status edgebin_run(const edgebin_model* model, const uint8_t* pictures,
                                       size_t bytes, float* output, size_t elements);

/* The same for all outputs: `outputs` and `elements` have an entry for each of the `count` outputs
 * of the network; null and 0 for one that is not wanted. */
EDGEBIN_API edgebin_status edgebin_run_outputs(const edgebin_model* model, const uint8_t* pictures,
                                               size_t bytes, float* const* outputs,
                                               const size_t* elements, size_t count);

/* Runs the pictures of the file's self-test, as the model was loaded, and compares every layer's
 * result with what the file promises, bit for bit. EDGEBIN_ERROR_DIFFERENT: the text names the
 * first layer that differs, with what was expected and found. EDGEBIN_ERROR_MODEL_FILE: the file
 * has no self-test. From any thread. */
EDGEBIN_API edgebin_status edgebin_verify(const edgebin_model* model);

#ifdef __cplusplus
}
#endif

#endif /* EDGEBIN_EDGEBIN_H_ */
